using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Every eigenvalue above a level of a slowly changing operator. An update begins with the Ritz vectors of the one before,
/// the largest below the level among them, and expands their space by the residuals of those that are not good enough
/// (block Davidson without a preconditioner; Stathopoulos and Saad 1998). The first begins with Lanczos.
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
        using var space = new RayleighRitzSpace(target);
        Tensor? carried = _carried.For(target);
        for (int row = 0; row < (carried?.shape[0] ?? 0) && space.Products < _options.MaximumProducts; row++)
        {
            space.Expand(carried![row]);
        }

        int warm = space.Count;
        bool challenge = _updates++ % _options.ChallengeEvery == 0 || warm == 0;
        int most = (int)Math.Min(_options.MaximumBlock, target.Size);
        var search = new OutlierSearch.Outcome(0, double.NaN, false, 0, null, null, 0);
        int searched = 0;
        bool converged;
        while (true)
        {
            converged = Refine(space, _options.MaximumProducts - searched, watch: !challenge);
            int above = space.CountAbove(_options.Level);
            int left = _options.MaximumProducts - searched - space.Products;
            if (!converged || space.IsComplete || above >= most || left < 1 || (!challenge && space.Count > above))
            {
                break;
            }

            search = Search(target, space, above, left);
            searched += search.Products;
            if (search.Vectors is null)
            {
                _carried.Replace(null);
                return Result([double.NaN], [double.NaN], 0, false);
            }

            if (search.Risen == 0 && space.Count > above)
            {
                break;
            }

            // What was found, or the best of it below the level, which the next update watches.
            space.Keep(above);
            int taken = Math.Min(Math.Max(search.Risen, 1), most - above);
            space.Add(search.Vectors.narrow(0, 0, taken), search.Images!.narrow(0, 0, taken));
            if (search.Risen == 0)
            {
                break;
            }
        }

        (double[] values, double[] norms, _) = space.Above(_options.Level);
        bool finite = values.Length > 0 && double.IsFinite(values[0]);
        _carried.Replace(finite ? space.Leading(values.Length).Vectors : null);
        return Result(values, norms, Math.Max(space.Scale, search.Scale), finite && converged);

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
                ChallengeSteps = search.Products,
                ChallengeLargest = search.Largest,
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

    private OutlierSearch.Outcome Search(ISymmetricOperator target, RayleighRitzSpace space, int above, int budget)
    {
        double[] values = space.Above(_options.Level).Values[..above];
        return OutlierSearch.Run(target, space.Leading(above), values, _options, _random, budget);
    }

    /// <summary>Expands the space until all above the level are good enough. False when they are not, and nothing more is to be had.</summary>
    /// <param name="space">The space.</param>
    /// <param name="budget">Most products, those already made included.</param>
    /// <param name="watch">Whether the best one below the level must be good enough too, or be seen to stay below.</param>
    private bool Refine(RayleighRitzSpace space, int budget, bool watch)
    {
        int capacity = 3 * _options.MaximumBlock;
        while (true)
        {
            using DisposeScope scope = NewDisposeScope();
            (double[] values, double[] norms, Tensor residuals) = space.Above(_options.Level);
            int above = values.Count(value => value > _options.Level);
            bool Good(int i) => norms[i] <= _options.GoodEnough(values[i], space.Rounding)
                || (i == above && (!watch || values[i] + norms[i] < _options.Level));
            int[] open = [.. Enumerable.Range(0, values.Length).Where(i => !Good(i))];
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
