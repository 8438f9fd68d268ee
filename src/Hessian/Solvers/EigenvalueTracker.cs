using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Every eigenvalue above a level of a slowly changing operator, by Lanczos: from a random vector at first, then from the sum
/// of the Ritz vectors of the update before, in which little else is left to filter out. Vectors of that update which are
/// not in what was found, such as copies of a multiple eigenvalue, begin another Krylov space beside it.
/// </summary>
/// <remarks>
/// <para>
/// That none is missing cannot be seen from the vectors alone. A challenge grows a Krylov space from a random direction,
/// orthogonal to the vectors found, until an eigenvalue above the level would have escaped it with no more than a stated
/// probability; what shows joins the vectors, and the challenge is repeated. Copies of a multiple eigenvalue show so.
/// </para>
/// <para>
/// Limitations: an eigenvalue within the margin above the level can be overlooked. A level inside a bulk of eigenvalues
/// asks for a large block and many products.
/// </para>
/// <para>The outcome is a function of options, operators and the history of updates. Not for use by several threads at once.</para>
/// </remarks>
public sealed class EigenvalueTracker : IDisposable
{
    // Of a residual, outside the space: below that it is a neighbour's direction again.
    private const double WorthAProduct = 0.1;

    // Of a carried vector, outside of what was found: an eigenvector of its own is left in it.
    private const double StillOutside = 0.5;

    private readonly EigenvalueTrackerOptions _options;
    private readonly RandomDirections _random;
    private readonly CarriedBlock _carried = new();
    private int _updates;
    private int _above; // Of the carried vectors.
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
        using var space = new RayleighRitzSpace(target);
        Tensor? carried = _carried.For(target);
        int warm = (int)(carried?.shape[0] ?? 0);
        bool challenge = _updates++ % _options.ChallengeEvery == 0 || warm == 0;
        int most = (int)Math.Min(_options.MaximumBlock, target.Size);
        int searched = 0;
        OutlierSearch.Outcome search = OutlierSearch.Nothing;
        bool converged = true;
        bool random = false;
        while (converged && !space.IsComplete && space.CountAbove(_options.Level) < most)
        {
            int above = space.CountAbove(_options.Level);
            int left = _options.MaximumProducts - searched - space.Products;
            Tensor? start = random ? null : Remaining(space, carried, challenge);
            random = start is null;
            if (left < 1 || (random && !challenge && space.Count > above))
            {
                break;
            }

            double[] values = space.Above(_options.Level).Values[..above];
            search = OutlierSearch.Run(target, space.Leading(above), values, start ?? _random.Next(target), random, _options, left);
            searched += search.Products;
            if (search.Vectors is null)
            {
                _carried.Replace(null);
                return Result([double.NaN], [double.NaN], 0, false);
            }

            // What was found, or the best of it below the level, which the next update watches.
            int taken = Math.Min(Math.Max(search.Risen, 1), most - above);
            if (search.Risen > 0 || space.Count == above)
            {
                space.Keep(above);
                space.Add(search.Vectors.narrow(0, 0, taken), search.Images!.narrow(0, 0, taken));
            }

            converged = Refine(space, _options.MaximumProducts - searched);
            if (search.Risen == 0 && (random || !challenge))
            {
                break;
            }

            random |= search.Risen == 0;
        }

        (double[] found, double[] norms, _) = space.Above(_options.Level);
        bool finite = found.Length > 0 && double.IsFinite(found[0]);
        _carried.Replace(finite ? space.Leading(found.Length).Vectors : null);
        _above = found.Count(value => value > _options.Level);
        return Result(found, norms, Math.Max(space.Scale, search.Scale), finite && converged);

        TrackedEigenvalues Result(double[] values, double[] norms, double scale, bool converged)
        {
            double rounding = ProductRounding.Of(target.ScalarType, scale);
            int above = double.IsNaN(values[0]) ? 1 : values.Count(value => value > _options.Level);
            bool below = above < values.Length;
            return new TrackedEigenvalues
            {
                Level = _options.Level,
                Values = [.. values[..above]],
                Residuals = [.. norms[..above].Select(norm => norm + rounding)],
                Converged = converged,
                Below = below ? values[above] : double.NaN,
                BelowResidual = below ? norms[above] + rounding : double.NaN,
                Bracketed = converged && (below || space.IsComplete),
                ChallengeSteps = random ? search.Products : 0,
                ChallengeLargest = random ? search.Largest : double.NaN,
                ChallengePassed = search.Passed || space.IsComplete,
                Products = space.Products + searched,
                Elapsed = Stopwatch.GetElapsedTime(started),
                Start = $"{(warm > 0 ? $"warm, {warm} carried vectors" : "cold")}, seed {_options.Seed}",
            };
        }
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

    /// <summary>The sum of what the carried vectors have outside of what was found; null when that is next to nothing.</summary>
    private Tensor? Remaining(RayleighRitzSpace space, Tensor? carried, bool challenge)
    {
        // A challenge vouches for more than the last one below the level could.
        if (carried is null || space.Count > space.CountAbove(_options.Level) || (challenge && _above == 0))
        {
            return null;
        }

        Tensor rows = space.Outside(challenge ? carried.narrow(0, 0, _above) : carried);
        Tensor[] left = [.. rows.unbind(0).Where(row => VectorMath.Norm(row) > StillOutside)];
        return left.Length > 0 ? stack(left).sum(0L) : null;
    }

    /// <summary>Expands the space until all above the level are good enough: those of one search know those of another only by their vectors.</summary>
    /// <param name="space">The space.</param>
    /// <param name="budget">Most products, those already made included.</param>
    /// <returns>False when they are not, and nothing more is to be had.</returns>
    private bool Refine(RayleighRitzSpace space, int budget)
    {
        int capacity = 3 * _options.MaximumBlock;
        while (true)
        {
            using DisposeScope scope = NewDisposeScope();
            (double[] values, double[] norms, Tensor residuals) = space.Above(_options.Level);
            int above = values.Count(value => value > _options.Level);
            int[] open = [.. Enumerable.Range(0, above).Where(i => norms[i] > _options.GoodEnough(values[i], space.Rounding))];
            if (open.Length == 0 || above > _options.MaximumBlock || norms.Any(double.IsNaN))
            {
                return open.Length == 0 && !norms.Any(double.IsNaN);
            }

            if (space.Count + open.Length > capacity)
            {
                space.Keep(Math.Min(space.Count, (above + capacity) / 2));
            }

            int before = space.Products;
            foreach (int i in open.Take(budget - space.Products))
            {
                space.Expand(residuals[i], space.Products > before ? WorthAProduct : null);
            }

            if (space.Products == before)
            {
                return false;
            }
        }
    }
}
