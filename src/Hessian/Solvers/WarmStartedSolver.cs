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
    // How far above its typical size in a random direction the filtered component must be lifted to be seen for sure.
    private const double Lift = 6;

    // Before that the challenger's space knows neither end of the spectrum.
    private const int FewestSteps = 2;

    private readonly WarmStartOptions _options;
    private readonly RandomDirections _random;
    private int _warmUpdates; // Since the last cold one.
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
    /// <param name="diagonal">Shape [Size] of the last operator, on its device.</param>
    /// <exception cref="ArgumentException">The diagonal's shape does not fit what is carried.</exception>
    public void Rescale(Tensor diagonal)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(diagonal);
        if (_carried is not null)
        {
            if (diagonal.dim() != 1 || diagonal.shape[0] != _carried.shape[1])
            {
                throw new ArgumentException(
                    $"The diagonal has shape [{string.Join(", ", diagonal.shape)}]; the carried vectors have {_carried.shape[1]} entries.",
                    nameof(diagonal));
            }

            using DisposeScope scope = NewDisposeScope();
            using IDisposable quiet = no_grad();
            Tensor scaled = _carried * diagonal.to(_carried.dtype);
            Carry(scaled / linalg.vector_norm(scaled, dims: [1], keepdim: true));
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
        _warmUpdates = 0;
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

        Tensor challenger = _random.Next(target);
        if (carried.shape[0] > leading)
        {
            challenger = carried[leading] + challenger;
        }

        // The rows of the basis that make up the challenger's Krylov space, beside the pair.
        List<int> chain = [];
        bool contested = space.Products < budget && Challenge(space, chain, challenger);
        if (space.Count == 0)
        {
            // Nothing usable was carried, such as after a rescaling by numbers that are not finite.
            return Cold(target);
        }

        bool challenged = _warmUpdates++ % _options.ChallengeEvery == 0 || !(space.Drift(0) < _options.Drift);
        bool converged = false;
        RitzPair pair = space.Leading();
        while (pair.IsFinite)
        {
            bool small = pair.Residual <= Math.Max(_options.Tolerance * Math.Abs(pair.Value), 10 * space.Rounding);
            bool settled = !challenged || !contested || chain.Count - 1 >= StepsToNotice(space, chain, pair.Value);
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
                contested = Challenge(space, chain, space.Image(chain[^1]));
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
            Start = $"warm, {leading} carried vectors{(challenged ? ", challenged" : "")}",
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

    /// <summary>
    /// Krylov steps after which a component along an eigenvector with a value above the margin, 1/sqrt(n) large in a
    /// random direction, dominates the challenger's space. k steps lift it over what lies in [a, b] by the Chebyshev
    /// polynomial T_k(1 + 2 (value - b)/(b - a)) (Saad 1980, SIAM J. Numer. Anal. 17; Kuczynski and Wozniakowski 1992).
    /// </summary>
    private double StepsToNotice(RayleighRitzSpace space, List<int> chain, double value)
    {
        (double largest, double smallest) = space.Range(chain);
        double width = largest - smallest;
        double above = value + _options.CrossingMargin * Math.Abs(value) - largest;
        if (above <= 0 || width <= 0)
        {
            return above <= 0 ? double.PositiveInfinity : FewestSteps;
        }

        double steps = Math.Acosh(Lift * Math.Sqrt(space.Size)) / Math.Acosh(1 + 2 * above / width);
        return Math.Max(FewestSteps, steps);
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
