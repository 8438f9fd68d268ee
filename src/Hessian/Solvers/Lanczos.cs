using System.Diagnostics;
using System.Globalization;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// The Lanczos method (Lanczos 1950; Parlett, The Symmetric Eigenvalue Problem, chapter 13) with full
/// re-orthogonalisation done twice, coefficients in float64 and the basis in the operator's type. A basis bounded by
/// <see cref="LanczosOptions.MaximumBasis"/> is restarted thickly (Wu and Simon 2000).
/// </summary>
/// <remarks>
/// <para>
/// A small residual alone proves an eigenvalue, not the largest: of two that lie close, the lower one is found first where
/// the start has little of the other. So a solve from a random start goes on until an eigenvalue above a wanted one, by more
/// than three tolerances of it, would have escaped with at most <see cref="LanczosOptions.MissProbability"/>; operators
/// of a dozen rows are exhausted.
/// </para>
/// <para>
/// Limitations: nothing speaks of eigenvalues within those three tolerances. One vector's Krylov space
/// holds one direction of a multiple eigenvalue: with one value wanted it is right, but that there are copies is not seen,
/// so <see cref="EigenResult.GapRatio"/> is known only when the basis spans everything. With several wanted a copy shows
/// only when the space becomes invariant before the wanted residuals are small; where the multiplicity matters use
/// <see cref="Multiplicity"/> on the result, or <see cref="EigenvalueTracker"/>.
/// </para>
/// </remarks>
public static class Lanczos
{
    private const int ExhaustedSize = 12;

    /// <summary>The largest algebraic eigenvalues (not the largest in magnitude).</summary>
    /// <param name="target">The operator.</param>
    /// <param name="options">The defaults when null.</param>
    /// <returns>
    /// Values with residuals. Stops when |beta_m s_m| (the residual of a Ritz pair, free of charge) is at most
    /// tolerance * |theta| for every wanted value, or at what rounding allows when theta is near 0.
    /// </returns>
    /// <exception cref="ArgumentException">An option is out of range, or the start vector does not fit or is zero.</exception>
    public static EigenResult Largest(ISymmetricOperator target, LanczosOptions? options = null)
    {
        options ??= new LanczosOptions();
        using var random = new RandomDirections(options.Seed);
        return Solve(target, options, random, options.ReturnVectors ? options.Count : 0);
    }

    /// <summary>The smallest algebraic eigenvalues: the largest of -A, turned back.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="options">The defaults when null; <see cref="LanczosOptions.Count"/> of the smallest are wanted.</param>
    /// <returns>Values, the smallest first. The same guarantees as for <see cref="Largest"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the start vector does not fit or is zero.</exception>
    public static SmallestEigenResult Smallest(ISymmetricOperator target, LanczosOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        return new SmallestEigenResult(Largest(new ScaledOperator(target, -1), options));
    }

    /// <summary>Both ends of the spectrum from one Krylov space, which serves either at no extra product.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="options">The defaults when null; <see cref="LanczosOptions.Count"/> of the largest are wanted.</param>
    /// <param name="smallest">How many of the smallest are wanted; at least 1, as many as of the largest when null.</param>
    /// <returns>
    /// The same guarantees as for <see cref="Largest"/>, for each end. It stops when both ends have converged: one that
    /// converges late, such as a smallest eigenvalue inside a bulk, spends products that make the other more exact.
    /// </returns>
    /// <exception cref="ArgumentException">An option is out of range, or the start vector does not fit or is zero.</exception>
    public static ExtremeEigenResult BothEnds(ISymmetricOperator target, LanczosOptions? options = null, int? smallest = null)
    {
        options ??= new LanczosOptions();
        int bottom = smallest ?? options.Count;
        ArgumentOutOfRangeException.ThrowIfLessThan(bottom, 1, nameof(smallest));
        if (bottom > options.MaximumProducts || bottom > options.MaximumBasis - options.Count - 3)
        {
            throw new ArgumentOutOfRangeException(
                nameof(smallest),
                bottom,
                $"That many need at least as many products, and a basis of 3 vectors more than the {options.Count} of the other end "
                + $"and these; MaximumProducts is {options.MaximumProducts}, MaximumBasis {options.MaximumBasis?.ToString(CultureInfo.InvariantCulture) ?? "free"}.");
        }

        using var random = new RandomDirections(options.Seed);
        return Solve(target, options, random, bottom, options.ReturnVectors ? options.Count : 0);
    }

    /// <summary>As the public one, with the source of random directions and the number of Ritz vectors to return given.</summary>
    internal static EigenResult Solve(ISymmetricOperator target, LanczosOptions options, RandomDirections random, int vectors) =>
        Solve(target, options, random, smallest: 0, vectors).Largest;

    private static ExtremeEigenResult Solve(
        ISymmetricOperator target, LanczosOptions options, RandomDirections random, int smallest, int vectors)
    {
        ArgumentNullException.ThrowIfNull(target);
        options.Validate();
        if (target.Size < 1)
        {
            throw new ArgumentException("The operator has no rows.", nameof(target));
        }

        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        bool bounded = options.MaximumBasis < Math.Min(options.MaximumProducts, target.Size);
        using var space = new KrylovSpace(target, bounded ? options.MaximumBasis : null);
        int top = (int)Math.Min(options.Count, target.Size);
        int bottom = (int)Math.Min(smallest, target.Size);
        (bool Top, bool Bottom) converged;

        // So few rows take hardly more products than the values do, and then nothing is left to miss.
        bool exhausted = target.Size <= Math.Min(ExhaustedSize, options.MaximumProducts);

        Tensor direction = FirstDirection(target, options, random);
        while (true)
        {
            using DisposeScope step = NewDisposeScope();
            if (space.IsFull)
            {
                // Held back by a pair that the later space itself brought: that one counts from now on.
                bool brought = space.HasClosed && Reached(top, largest: true) && Reached(bottom, largest: false)
                    && From(largest: true).Take(top).Concat(From(largest: false).Take(bottom)).Intersect(space.Own).Any();
                space.Restart(top, bottom, close: brought);
                if (brought)
                {
                    direction.Dispose();
                    direction = space.Orthogonal(random.Next(target)).MoveToOuterDisposeScope();
                }
            }

            bool finite = space.Extend(direction, out Tensor? next);
            direction.Dispose();
            if (!finite)
            {
                return Result(null, (false, false));
            }

            converged = (Known(top, largest: true), Known(bottom, largest: false));

            // Nothing below a breakdown is missing when the start was random and one value is wanted of each end.
            bool complete = space.IsComplete || space.HasClosed || next is not null
                || (top == 1 && bottom <= 1 && options.Start is null);
            bool done = converged is (true, true) && complete && (next is null || !exhausted);
            if (done || space.IsComplete || space.Products >= options.MaximumProducts)
            {
                break;
            }

            if (next is null)
            {
                space.Close();
                if (space.IsFull)
                {
                    space.Restart(top, bottom);
                }

                next = space.Orthogonal(random.Next(target));
            }

            direction = next.MoveToOuterDisposeScope();
        }

        return Result(space, converged);

        // Seen from either end the wanted ones come first.
        RitzValue[] From(bool largest) => largest ? space.All : [.. space.All.Reverse()];

        bool Reached(int wanted, bool largest) => space.All.Length >= wanted && From(largest).Take(wanted).All(Small);

        bool Known(int wanted, bool largest)
        {
            bool known = Reached(wanted, largest);
            if (wanted == 0 || !known || space.IsComplete)
            {
                return known;
            }

            if (!space.HasClosed)
            {
                return options.Start is not null || Confirmed(wanted, largest);
            }

            // A later space shows what the first one could not hold (its start lay in an invariant subspace, or an
            // eigenvalue is multiple): done when its own best pair is known and pushes nothing wanted aside.
            RitzValue own = largest ? space.Own[0] : space.Own[^1];
            double last = From(largest)[wanted - 1].Value;
            double sign = largest ? 1 : -1;
            return Small(own) && sign * own.Value <= sign * last + options.Tolerance * Math.Abs(last)
                && Confirmed(wanted, largest);
        }

        // Nothing was missed at the edges of each gap beside the wanted ones: between them less can hide.
        bool Confirmed(int wanted, bool largest)
        {
            double sign = largest ? 1 : -1;
            double lower = double.PositiveInfinity;
            foreach (RitzValue pair in From(largest).Take(wanted))
            {
                double margin = options.Margin(pair.Value, space.Rounding);
                double upper = sign * pair.Value + margin;
                if (upper < lower && !(Excluded(upper) && (lower == double.PositiveInfinity || Excluded(lower))))
                {
                    return false;
                }

                lower = sign * pair.Value - margin;
            }

            return true;

            bool Excluded(double value) => space.Unseen(sign * value) <= options.MissProbability;
        }

        bool Small(RitzValue pair) =>
            pair.Residual <= Math.Max(options.Tolerance * Math.Abs(pair.Value), 10 * space.Rounding);

        // Of no space: the products were not finite.
        ExtremeEigenResult Result(KrylovSpace? found, (bool Top, bool Bottom) reached)
        {
            EigenResult End(int wanted, bool largest, bool done)
            {
                double sign = largest ? 1 : -1;
                RitzValue[] pairs = found is null
                    ? [.. Enumerable.Repeat(new RitzValue(double.NaN, double.NaN, 0, 0), wanted)]
                    : largest ? found.All : [.. found.All.Reverse()];
                int kept = Math.Min(wanted, pairs.Length);
                double rounding = found is null ? double.NaN : ProductRounding.Of(target.ScalarType, found.Scale, found.Restarts);
                int returned = Math.Min(largest ? vectors : vectors > 0 ? bottom : 0, pairs.Length);
                return new EigenResult
                {
                    Values = [.. pairs.Take(kept).Select(pair => sign * pair.Value)],
                    Residuals = [.. pairs.Take(kept).Select(pair => pair.Residual + rounding)],
                    Rounding = rounding,
                    Converged = done,
                    Products = space.Products,
                    Elapsed = Stopwatch.GetElapsedTime(started),
                    Smallest = found is null ? double.NaN : largest ? found.Smallest : -found.All[0].Value,
                    GapRatio = found is { IsComplete: true } && pairs.Length > 1
                        ? ProductRounding.Ratio(pairs[0].Value, pairs[1].Value, pairs[1].Residual, rounding)
                        : double.NaN,
                    Vectors = returned > 0 && found is not null
                        ? found.Vectors(pairs[..returned]).DetachFromDisposeScope()
                        : null,
                    Start = options.Start is null ? $"random, seed {options.Seed}" : "given vector",
                };
            }

            EigenResult largest = End(top, largest: true, reached.Top);
            return new ExtremeEigenResult(
                largest, new SmallestEigenResult(End(Math.Max(bottom, 1), largest: false, reached.Bottom)), largest.Products);
        }
    }

    private static Tensor FirstDirection(ISymmetricOperator target, LanczosOptions options, RandomDirections random)
    {
        if (options.Start is not { } start)
        {
            return random.Next(target);
        }

        VectorChecks.Fits(target, start, nameof(options.Start));
        double norm = VectorMath.Norm(start);
        if (!(norm > 0) || !double.IsFinite(norm))
        {
            throw new ArgumentException($"The start vector has norm {norm}; it must be finite and above 0.", nameof(options));
        }

        return start.detach().Over(norm);
    }
}
