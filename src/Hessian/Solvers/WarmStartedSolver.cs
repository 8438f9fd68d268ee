using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// lambda1 of a slowly changing operator. Each update starts from the Ritz vectors of the one before: Rayleigh-Ritz on
/// [v1, v2], then expansion by the residual of the leading pair (generalised Davidson without preconditioner;
/// Stathopoulos and Saad 1998) until that residual, or the error of the value that follows from it, is small, and a
/// challenger before the value is given out.
/// </summary>
/// <remarks>
/// <para>
/// A small residual alone proves an eigenvalue, not that it is the largest: after a crossing the old vector is still an
/// eigenvector. Two things stand against that. The second vector and the challenger (the third Ritz vector of the last
/// update mixed with a random direction) are looked at in every update, which catches what rises gradually. And in a
/// challenged update (the first, every n-th, and any in which the operator has changed much) the challenger grows a
/// Krylov space of its own until an eigenvalue above lambda1 would show in it with high probability.
/// <see cref="EigenResult.Start"/> says whether an update was challenged.
/// </para>
/// <para>
/// Limitations: in an update that is not challenged, an eigenvalue that jumps in one go from a direction orthogonal to
/// all carried vectors, while these hardly move, is seen at the next challenge. For a number that a decision hangs on,
/// or that must not depend on how many updates came before, use <see cref="Lanczos"/>.
/// </para>
/// <para>The outcome is a function of options, operators and the history of updates. Not for use by several threads at once.</para>
/// </remarks>
public sealed class WarmStartedSolver : IDisposable
{
    private readonly WarmStartOptions _options;
    private readonly RandomDirections _random;
    private int _warmUpdates; // Since the last cold one.
    private readonly CarriedBlock _carried = new(); // Up to Carried + 1 rows, the last one for the challenger.
    private bool _disposed;

    /// <summary>A solver that has seen nothing yet.</summary>
    /// <param name="options">The defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public WarmStartedSolver(WarmStartOptions? options = null)
    {
        _options = options ?? new WarmStartOptions();
        _options.Validate();
        _random = new RandomDirections(_options.Seed);
    }

    /// <summary>
    /// lambda1 of the operator as it is now. The first call, and one whose operator has another size, type or device,
    /// is a cold <see cref="Lanczos"/> solve.
    /// </summary>
    /// <param name="target">The operator.</param>
    /// <returns>One value with its residual.</returns>
    public EigenResult Update(ISymmetricOperator target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(target);
        using IDisposable quiet = no_grad();
        return _carried.For(target) is { } carried ? Warm(target, carried) : Cold(target);
    }

    /// <summary>
    /// Multiplies the carried vectors by a diagonal: for the preconditioned Hessian, P_t^(-1/2) P_(t-1)^(1/2) takes
    /// outlying eigenvectors over to the new preconditioner (the new operator is D A D with that diagonal D). Does nothing when nothing is carried.
    /// </summary>
    /// <param name="diagonal">Shape [Size] of the last operator, on its device.</param>
    /// <exception cref="ArgumentException">The diagonal's shape does not fit what is carried.</exception>
    public void Rescale(Tensor diagonal)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _carried.Rescale(diagonal);
    }

    /// <summary>Forgets the carried vectors: the next update is cold.</summary>
    public void Forget() => _carried.Replace(null);

    /// <summary>Releases the carried vectors.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _carried.Dispose();
            _random.Dispose();
        }
    }

    private EigenResult Cold(ISymmetricOperator target)
    {
        var options = new LanczosOptions { Tolerance = _options.Tolerance, MaximumProducts = _options.MaximumProducts };
        _warmUpdates = 0;
        EigenResult result = Lanczos.Solve(target, options, _random, _options.Carried + 1);
        _carried.Replace(result.Vectors);
        return result with { Vectors = null, Start = $"cold, seed {_options.Seed}" };
    }

    private EigenResult Warm(ISymmetricOperator target, Tensor carried)
    {
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        using var space = new RayleighRitzSpace(target);
        int budget = _options.MaximumProducts;
        int leading = (int)Math.Min(_options.Carried, carried.shape[0]);

        for (int i = 0; i < leading && space.Products < budget; i++)
        {
            space.Expand(carried[i]);
        }

        Tensor challenger = _random.Next(target);
        if (carried.shape[0] > leading)
        {
            challenger = carried[leading].Plus(challenger);
        }

        if (space.Count == 0)
        {
            // Nothing usable was carried, such as after a rescaling by numbers that are not finite.
            return Cold(target);
        }

        // The rows of the basis that make up the challenger's Krylov space, beside the pair. It comes after the pair
        // is good enough: that the value is near is known early, that nothing is above it is asked last.
        List<int> chain = [];
        bool contested = true;
        bool challenged = _warmUpdates++ % _options.ChallengeEvery == 0 || !(space.Drift(0) < _options.Drift);
        bool converged = false;
        RitzPair pair = space.Leading();
        while (pair.IsFinite)
        {
            bool small = Small(space, pair);
            bool settled = !contested || (small && chain.Count > 0 && (!challenged || Noticed(space, chain, challenger, pair.Value)));
            converged = (small && settled) || space.IsComplete;
            if (converged || space.Products >= budget)
            {
                break;
            }

            if (small)
            {
                contested = Challenge(space, chain, chain.Count == 0 ? challenger : space.Image(chain[^1]));
            }
            else if (!space.Expand(pair.ResidualVector))
            {
                // Refused: what is left of the residual is rounding beside what the space holds, and no progress is to be had.
                break;
            }

            pair.ResidualVector.Dispose();
            pair = space.Leading();
        }

        if (!pair.IsFinite)
        {
            _carried.Replace(null);
            converged = false;
        }
        else
        {
            _carried.Replace(space.RitzVectors(_options.Carried + 1));
        }

        double rounding = ProductRounding.Of(target.ScalarType, space.Scale);
        return new EigenResult
        {
            Values = [pair.Value],
            Residuals = [pair.Residual + rounding],
            Rounding = rounding,
            Converged = converged,
            Products = space.Products,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Smallest = pair.Smallest,
            GapRatio = space.IsComplete && space.Count > 1
                ? ProductRounding.Ratio(pair.Value, pair.Second, pair.SecondResidual, rounding)
                : double.NaN,
            Start = $"warm, {leading} carried vectors{(challenged ? ", challenged" : "")}",
        };
    }

    private bool Small(RayleighRitzSpace space, RitzPair pair)
    {
        double magnitude = Math.Abs(pair.Value);
        return pair.Residual <= Math.Max(_options.Tolerance * magnitude, 10 * space.Rounding)
            || pair.ErrorEstimate <= _options.ValueTolerance * magnitude;
    }

    /// <summary>Whether an eigenvalue above the value by the margin would have shown in what the random direction has grown.</summary>
    private bool Noticed(RayleighRitzSpace space, List<int> chain, Tensor challenger, double value) =>
        space.Unseen(chain, challenger, value + _options.CrossingMargin * Math.Abs(value)) <= _options.MissProbability;

    private static bool Challenge(RayleighRitzSpace space, List<int> chain, Tensor direction)
    {
        if (!space.Expand(direction))
        {
            return false;
        }

        chain.Add(space.Count - 1);
        return true;
    }
}
