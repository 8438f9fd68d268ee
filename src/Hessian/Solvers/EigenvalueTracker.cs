using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Every eigenvalue above a level of a slowly changing operator. Each update is a <see cref="Lobpcg"/> solve from the
/// block of the one before, which always holds one Ritz vector below the level: it grows while its smallest value is
/// above, and shrinks to what is needed.
/// </summary>
/// <remarks>
/// <para>
/// That none is missing cannot be seen from the block alone. A challenge grows a Krylov space from a random direction,
/// orthogonal to the vectors found, until an eigenvalue above the level would show in it with high probability; what
/// shows joins the block, and the challenge is repeated.
/// </para>
/// <para>
/// Limitations: an eigenvalue within the margin above the level can be overlooked. A level inside a bulk of eigenvalues
/// asks for a large block and many products.
/// </para>
/// <para>The outcome is a function of options, operators and the history of updates. Not for use by several threads at once.</para>
/// </remarks>
public sealed class EigenvalueTracker : IDisposable
{
    private const int Guard = 1;

    private readonly EigenvalueTrackerOptions _options;
    private readonly RandomDirections _random;
    private readonly CarriedBlock _carried = new();
    private int _updates;
    private bool _disposed;

    /// <summary>A tracker that has seen nothing yet.</summary>
    /// <param name="options">The level and how to work.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public EigenvalueTracker(EigenvalueTrackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = new RandomDirections(options.Seed);
    }

    /// <summary>The eigenvalues above the level of the operator as it is now.</summary>
    /// <param name="target">The operator. One of another size, type or device is begun anew.</param>
    public TrackedEigenvalues Update(ISymmetricOperator target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(target);
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor? block = _carried.For(target);
        int warm = (int)(block?.shape[0] ?? 0);
        bool challenge = _updates++ % _options.ChallengeEvery == 0 || warm == 0;
        int most = (int)Math.Min(_options.MaximumBlock, target.Size);
        int count = Math.Clamp(warm, 1, most);
        int products = 0;
        EigenResult found;
        var challenged = new Challenge(0, double.NaN, false, null);
        while (true)
        {
            found = Solve(target, block, count, _options.MaximumProducts - products);
            products += found.Products;
            if (found.Vectors is { } vectors)
            {
                scope.Attach(vectors);
            }

            if (!found.Converged)
            {
                break;
            }

            int above = found.Values.Count(value => value > _options.Level);
            if (above == count && count < most)
            {
                count = Math.Min(most, count + Math.Max(1, count / 2));
            }
            else if (challenge && above < target.Size)
            {
                challenged = Challenged(target, found, above, _options.MaximumProducts - products);
                products += challenged.Steps;
                if (challenged.Found is not { } risen || above == most)
                {
                    break;
                }

                block = cat([found.Vectors!.narrow(0, 0, above), risen], 0);
                count = (int)Math.Min(most, block.shape[0] + 1);
                if (_options.MaximumProducts - products < count + Guard)
                {
                    break;
                }

                continue;
            }
            else
            {
                challenged = challenged with { Passed = above == target.Size };
                break;
            }

            if (_options.MaximumProducts - products < count + Guard)
            {
                break;
            }

            block = found.Vectors;
        }

        return Result(target, found, challenged, products, started, $"{(warm > 0 ? $"warm, {warm} carried vectors" : "cold")}, seed {_options.Seed}");
    }

    /// <summary>Multiplies the carried vectors by a diagonal, as <see cref="WarmStartedSolver.Rescale"/> does.</summary>
    /// <param name="diagonal">Shape [Size] of the last operator, on its device.</param>
    /// <exception cref="ArgumentException">The diagonal's shape does not fit what is carried.</exception>
    public void Rescale(Tensor diagonal)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _carried.Rescale(diagonal);
    }

    /// <summary>Forgets the block: the next update is cold.</summary>
    public void Forget() => _carried.Replace(null);

    /// <summary>Releases the block.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _carried.Dispose();
            _random.Dispose();
        }
    }

    private EigenResult Solve(ISymmetricOperator target, Tensor? block, int count, int budget) => Lobpcg.Solve(
        target,
        new LobpcgOptions
        {
            Count = count,
            Guard = Guard,
            Tolerance = _options.Tolerance,
            Level = _options.Level,
            MaximumProducts = budget,
            Start = block,
        },
        _random);

    /// <summary>Whether a random direction leads to a value above the level that the block lacks.</summary>
    private Challenge Challenged(ISymmetricOperator target, EigenResult found, int above, int budget)
    {
        using DisposeScope scope = NewDisposeScope();
        using var space = new KrylovSpace(target, null);
        if (above > 0)
        {
            space.Take(found.Vectors!.narrow(0, 0, above), found.Values[..above]);
        }

        double noticed = _options.Level + _options.Margin * Math.Abs(_options.Level);
        Tensor? direction = space.Orthogonal(_random.Next(target));
        double largest = double.NaN;
        while (space.Products < budget)
        {
            if (!space.Extend(direction, out Tensor? next))
            {
                return new Challenge(space.Products, double.NaN, false, null);
            }

            largest = space.Own[0].Value;
            RitzValue[] risen = [.. space.Own.Where(pair => pair.Value > _options.Level)];
            if (risen.Length > 0)
            {
                return new Challenge(space.Products, largest, false, space.Vectors(risen).MoveToOuterDisposeScope());
            }

            // An invariant space of a random direction lacks nothing but copies of what it holds.
            if (next is null || space.Unseen(noticed) <= HiddenComponent.DefaultProbability)
            {
                return new Challenge(space.Products, largest, true, null);
            }

            direction = next;
        }

        return new Challenge(space.Products, largest, false, null);
    }

    private TrackedEigenvalues Result(
        ISymmetricOperator target, EigenResult found, Challenge challenge, int products, long started, string start)
    {
        if (found.Vectors is not { } vectors)
        {
            _carried.Replace(null);
            return Of([double.NaN], [double.NaN], false, double.NaN, double.NaN, false);
        }

        int above = found.Values.Count(value => value > _options.Level);
        bool whole = found.Values.Length == target.Size;
        bool below = above < found.Values.Length;
        int kept = Math.Min(found.Values.Length, above + 1);
        _carried.Replace(vectors.narrow(0, 0, kept).clone());
        double rest = below ? found.Values[above] : double.NaN;
        double residual = below ? found.Residuals[above] : double.NaN;

        // The solve has converged for all values above the level, or for all but those whose interval lies below it.
        return Of(
            [.. found.Values[..above]],
            [.. found.Residuals[..above]],
            found.Converged,
            rest,
            residual,
            challenge.Found is null && (whole || (found.Converged && below)));

        TrackedEigenvalues Of(double[] values, double[] residuals, bool converged, double rest, double restResidual, bool bracketed) => new()
        {
            Level = _options.Level,
            Values = [.. values],
            Residuals = [.. residuals],
            Converged = converged,
            Below = rest,
            BelowResidual = restResidual,
            Bracketed = bracketed,
            ChallengeSteps = challenge.Steps,
            ChallengeLargest = challenge.Largest,
            ChallengePassed = challenge.Passed,
            Products = products,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Start = start,
        };
    }

    private sealed record Challenge(int Steps, double Largest, bool Passed, Tensor? Found);
}
