using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// lambda1 of a slowly changing operator. Each update starts from the Ritz vectors of the one before: Rayleigh-Ritz on
/// [v1, v2, challenger], then expansion by the residual of the leading pair (generalised Davidson without
/// preconditioner; Stathopoulos and Saad 1998) until that residual is small.
/// </summary>
/// <remarks>
/// <para>
/// A small residual alone proves an eigenvalue, not that it is the largest: after a crossing the old vector is still an
/// eigenvector. So a challenger (the third Ritz vector of the last update mixed with a random direction) grows a Krylov
/// space of its own beside the pair before a value is reported as converged, and the mix carries what it found on.
/// </para>
/// <para>
/// Limitations: an eigenvalue that jumps in one update from far below to just above lambda1 in a space of many
/// dimensions can be seen an update late. For a number that a decision hangs on, or that must not depend on how many
/// updates came before, use <see cref="Lanczos"/> or a new solver.
/// </para>
/// <para>The outcome is a function of options, operators and the history of updates. Not for use by several threads at once.</para>
/// </remarks>
public sealed class WarmStartedSolver : IDisposable
{
    // Share of fresh randomness in the challenger: enough to see new directions, little enough to keep what it learned.
    private const double Novelty = 0.5;

    private readonly WarmStartOptions _options;
    private readonly RandomDirections _random;
    private Tensor? _carried; // [up to Carried + 1, Size], the last row for the challenger.
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
    /// <returns>One value with its residual; <see cref="EigenResult.GapRatio"/> from the carried second vector.</returns>
    public EigenResult Update(ISymmetricOperator target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(target);
        using IDisposable quiet = no_grad();
        return _carried is { } carried && Fits(carried, target) ? Warm(target, carried) : Cold(target);
    }

    /// <summary>
    /// Multiplies the carried vectors by a diagonal: for the preconditioned Hessian, P_t^(1/2) P_(t-1)^(-1/2) takes
    /// eigenvectors over to the new preconditioner. Does nothing when nothing is carried.
    /// </summary>
    /// <param name="diagonal">Shape [Size], as the last operator.</param>
    public void Rescale(Tensor diagonal)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(diagonal);
        if (_carried is not null)
        {
            using IDisposable quiet = no_grad();
            Carry(_carried * diagonal);
        }
    }

    /// <summary>Forgets the carried vectors: the next update is cold.</summary>
    public void Forget() => Carry(null);

    /// <summary>Releases the carried vectors.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Carry(null);
            _random.Dispose();
        }
    }

    private EigenResult Cold(ISymmetricOperator target)
    {
        var options = new LanczosOptions { Tolerance = _options.Tolerance, MaximumProducts = _options.MaximumProducts };
        EigenResult result = Lanczos.Solve(target, options, _random, _options.Carried + 1);
        Carry(result.Vectors);
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

        // The challenger's own Krylov space: rows of the basis from `first` on that were added for it.
        Tensor challenger = _random.Next(target);
        if (carried.shape[0] > leading)
        {
            challenger = carried[leading] + challenger * Novelty;
        }

        List<int> chain = [];
        bool contested = space.Products < budget && Challenge(space, chain, challenger);
        double strength = contested ? space.Largest(chain) : double.NegativeInfinity;
        double growth = _options.ChallengeProducts == 0 ? 0 : double.PositiveInfinity;
        int challenges = 0;

        if (space.Count == 0)
        {
            // Nothing usable was carried, such as after a rescaling by numbers that are not finite.
            return Cold(target);
        }

        bool converged = false;
        RitzPair pair = space.Leading();
        while (pair.IsFinite)
        {
            bool small = pair.Residual <= Math.Max(_options.Tolerance * Math.Abs(pair.Value), 10 * space.Rounding);
            bool settled = !contested
                || (challenges >= _options.ChallengeProducts && strength + 2 * growth <= pair.Value)
                || (challenges >= _options.ChallengeProducts && growth <= _options.Tolerance * Math.Abs(pair.Value));
            converged = (small && settled) || space.IsComplete;
            if (converged || space.Products >= budget)
            {
                break;
            }

            if (!small)
            {
                // Refused: what is left of the residual is rounding beside what the space holds, and no progress is to be had.
                if (!space.Expand(pair.ResidualVector))
                {
                    break;
                }
            }
            else
            {
                challenges++;
                contested = Challenge(space, chain, space.Image(chain[^1]));
                double reached = space.Largest(chain);
                (growth, strength) = (reached - strength, reached);
            }

            pair.ResidualVector.Dispose();
            pair = space.Leading();
        }

        if (!pair.IsFinite)
        {
            Carry(null);
            converged = false;
        }
        else
        {
            Carry(space.RitzVectors(_options.Carried + 1));
        }

        return new EigenResult
        {
            Values = [pair.Value],
            Residuals = [pair.Residual],
            Converged = converged,
            Products = space.Products,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Smallest = pair.Smallest,
            GapRatio = pair.Value / pair.Second,
            Start = $"warm, {leading} carried vectors",
        };
    }

    private static bool Challenge(RayleighRitzSpace space, List<int> chain, Tensor direction)
    {
        if (!space.Expand(direction))
        {
            return false;
        }

        chain.Add(space.Count - 1);
        return true;
    }

    private static bool Fits(Tensor carried, ISymmetricOperator target) =>
        carried.shape[1] == target.Size
        && carried.dtype == target.ScalarType
        && VectorChecks.SameDevice(carried.device, target.Device);

    private void Carry(Tensor? vectors)
    {
        vectors?.DetachFromDisposeScope();
        _carried?.Dispose();
        _carried = vectors;
    }
}
