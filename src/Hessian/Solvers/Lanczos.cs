using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// The Lanczos method (Lanczos 1950; Parlett, The Symmetric Eigenvalue Problem, chapter 13) with full
/// re-orthogonalisation done twice, coefficients in float64 and the basis in the operator's type.
/// </summary>
/// <remarks>
/// Limitations: like every method that only multiplies, it can take the second eigenvalue for the first when their gap is
/// small against the tolerance times the value; the value is then off by about that gap. A multiple eigenvalue shows
/// once unless several are wanted.
/// </remarks>
public static class Lanczos
{
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

    /// <summary>As the public one, with the source of random directions and the number of Ritz vectors to return given.</summary>
    internal static EigenResult Solve(ISymmetricOperator target, LanczosOptions options, RandomDirections random, int vectors)
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
        using var basis = new RowBuffer(target);

        int wanted = (int)Math.Min(options.Count, target.Size);
        double epsilon = VectorMath.Epsilon(target.ScalarType);
        List<double> alphas = [];
        List<double> betas = [];
        double scale = 0;
        int block = 0; // First row of the current Krylov space: 0 until a breakdown.
        bool converged = false;
        double[] values;
        double[] residuals;

        Tensor direction = FirstDirection(target, options, random);
        while (true)
        {
            using DisposeScope step = NewDisposeScope();
            basis.Append(direction);
            direction.Dispose();
            int size = basis.Count;

            Tensor product = target.Apply(basis.Row(size - 1));
            double alpha = VectorMath.Dot(basis.Row(size - 1), product);
            scale = Math.Max(scale, VectorMath.Norm(product));
            basis.Orthogonalise(product);
            double beta = VectorMath.Norm(product);
            if (!double.IsFinite(alpha) || !double.IsFinite(beta) || !double.IsFinite(scale))
            {
                return NotFinite(wanted, size, started, Provenance(options));
            }

            bool exhausted = size == target.Size;
            bool brokeDown = exhausted || beta <= 10 * epsilon * scale;
            if (brokeDown)
            {
                beta = 0;
            }

            alphas.Add(alpha);
            betas.Add(beta);
            (values, double[][] last) = Tridiagonal.Solve(alphas, betas, size - 1);
            residuals = [.. last[0].Select(component => Math.Abs(beta * component))];

            bool Small(double residual, double value) =>
                residual <= Math.Max(options.Tolerance * Math.Abs(value), 10 * epsilon * scale);

            converged = size >= wanted && Enumerable.Range(0, wanted).All(i => Small(residuals[i], values[i]));
            if (block > 0 && converged && !exhausted)
            {
                // A later space shows what the first one could not hold (its start lay in an invariant subspace, or an
                // eigenvalue is multiple): done when its own best pair is known and pushes nothing wanted aside.
                (double[] own, double[][] ownLast) = Tridiagonal.Solve(
                    alphas[block..], betas[block..], size - 1 - block);
                converged = Small(Math.Abs(beta * ownLast[0][0]), own[0])
                    && own[0] <= values[wanted - 1] + options.Tolerance * Math.Abs(values[wanted - 1]);
            }

            // Nothing below a breakdown is missing when the start was random and one value is wanted.
            bool complete = exhausted || block > 0 || !brokeDown || (wanted == 1 && options.Start is null);
            if ((converged && complete) || exhausted || size >= options.MaximumProducts)
            {
                break;
            }

            if (!brokeDown)
            {
                direction = product.div_(beta).DetachFromDisposeScope();
                continue;
            }

            block = size;
            direction = NewDirection(target, basis, random);
        }

        int kept = Math.Min(wanted, values.Length);
        return new EigenResult
        {
            Values = [.. values.Take(kept)],
            Residuals = [.. residuals.Take(kept)],
            Converged = converged,
            Products = basis.Count,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Smallest = values[^1],
            GapRatio = values.Length > 1 ? values[0] / values[1] : double.NaN,
            Vectors = vectors > 0 ? RitzVectors(basis, alphas, betas, vectors) : null,
            Start = Provenance(options),
        };
    }

    private static Tensor FirstDirection(ISymmetricOperator target, LanczosOptions options, RandomDirections random)
    {
        if (options.Start is not { } start)
        {
            return random.Next(target).DetachFromDisposeScope();
        }

        VectorChecks.Fits(target, start, nameof(options.Start));
        double norm = VectorMath.Norm(start);
        if (!(norm > 0) || !double.IsFinite(norm))
        {
            throw new ArgumentException($"The start vector has norm {norm}; it must be finite and above 0.", nameof(options));
        }

        return (start.detach() / norm).DetachFromDisposeScope();
    }

    private static Tensor NewDirection(ISymmetricOperator target, RowBuffer basis, RandomDirections random)
    {
        Tensor direction = random.Next(target);
        basis.Orthogonalise(direction);
        direction.div_(VectorMath.Norm(direction));
        basis.Orthogonalise(direction);
        return direction.div_(VectorMath.Norm(direction)).DetachFromDisposeScope();
    }

    private static Tensor RitzVectors(RowBuffer basis, List<double> alphas, List<double> betas, int vectors)
    {
        int size = basis.Count;
        (_, double[][] components) = Tridiagonal.Solve(alphas, betas, [.. Enumerable.Range(0, size)]);
        double[][] coefficients =
        [
            .. Enumerable.Range(0, Math.Min(vectors, size)).Select(pair => components.Select(row => row[pair]).ToArray()),
        ];
        return basis.Combine(coefficients).DetachFromDisposeScope();
    }

    private static EigenResult NotFinite(int wanted, int products, long started, string start) => new()
    {
        Values = [.. Enumerable.Repeat(double.NaN, wanted)],
        Residuals = [.. Enumerable.Repeat(double.NaN, wanted)],
        Converged = false,
        Products = products,
        Elapsed = Stopwatch.GetElapsedTime(started),
        Smallest = double.NaN,
        GapRatio = double.NaN,
        Start = start,
    };

    private static string Provenance(LanczosOptions options) =>
        options.Start is null ? $"random, seed {options.Seed}" : "given vector";
}
