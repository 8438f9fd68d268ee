using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Locally optimal block conjugate gradients (Knyazev 2001, SIAM J. Sci. Comput. 23), without a preconditioner: Rayleigh-
/// Ritz on [X, residuals, last changes], kept orthonormal. Finds every copy of a multiple eigenvalue up to the block's
/// width, in memory for six times the block.
/// </summary>
/// <remarks>Limitations: per eigenvalue it needs more products than <see cref="Lanczos"/>, unless its block is warm.</remarks>
public static class Lobpcg
{
    /// <summary>The largest algebraic eigenvalues, with their vectors.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="options">The defaults when null.</param>
    /// <returns>Values with residuals and vectors, from products with the vectors themselves; <see cref="EigenResult.Smallest"/> is NaN, for a block at the top knows nothing of it.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the start does not fit.</exception>
    public static EigenResult Largest(ISymmetricOperator target, LobpcgOptions? options = null)
    {
        options ??= new LobpcgOptions();
        using var random = new RandomDirections(options.Seed);
        return Checked(target, Solve(target, options, random), options.Tolerance);
    }

    /// <summary>
    /// The images of the block are combinations of earlier ones, whose rounding adds up; at one product for each value it is
    /// known what the values are worth.
    /// </summary>
    private static EigenResult Checked(ISymmetricOperator target, EigenResult found, double tolerance)
    {
        if (found.Vectors is not { } vectors)
        {
            return found;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor images = target.ApplyBlock(vectors);
        double rounding = Math.Max(found.Rounding, ProductRounding.Of(target.ScalarType, Largest(images)));
        double[] values = [.. Enumerable.Range(0, found.Values.Length)
            .Select(i => VectorMath.Dot(vectors[i], images[i]) / VectorMath.Dot(vectors[i], vectors[i]))];
        double[] residuals = [.. values.Select((value, i) => VectorMath.Norm(images[i] - vectors[i].Times(value)) + rounding)];
        return found with
        {
            Values = [.. values],
            Residuals = [.. residuals],
            Rounding = rounding,

            // Differences are no linear operator, and give the images anew within their own error.
            Converged = found.Converged
                && values.Zip(residuals).All(pair => pair.Second <= Math.Max(10 * tolerance * Math.Abs(pair.First), 2 * rounding)),
            Products = found.Products + values.Length,
        };
    }

    /// <summary>As the public one, with the source of random directions given.</summary>
    internal static EigenResult Solve(ISymmetricOperator target, LobpcgOptions options, RandomDirections random)
    {
        ArgumentNullException.ThrowIfNull(target);
        options.Validate();
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        int wanted = (int)Math.Min(options.Count, target.Size);
        int width = (int)Math.Min(options.Count + options.Guard, target.Size);
        double epsilon = VectorMath.Epsilon(target.ScalarType);

        List<Tensor> start = [];
        if (options.Start is { } given)
        {
            VectorChecks.BlockFits(target, given, nameof(options.Start));
            start.AddRange(given.detach().unbind(0).Take(width - 1));
        }

        using var basis = new RowBuffer(target, 3 * width);
        Fill(basis, start, epsilon);
        while (basis.Count < width)
        {
            Fill(basis, [random.Next(target)], epsilon);
        }

        Tensor rows = basis.View.clone();
        Tensor images = target.ApplyBlock(rows);
        int products = width;
        double scale = Largest(images);
        int block = width;
        while (true)
        {
            DisposeScope step = NewDisposeScope();
            (double[] values, Tensor top) = Ritz(rows, images, width);
            if (!double.IsFinite(values[0]))
            {
                step.Dispose();
                return Result(null, [.. Enumerable.Repeat(double.NaN, wanted)], [.. Enumerable.Repeat(double.NaN, wanted)], false, double.NaN);
            }

            Tensor x = top.mm(rows);
            Tensor ax = top.mm(images);
            Tensor residuals = ax - x * tensor(values[..width], dtype: ScalarType.Float64).to(x.dtype).to(x.device).unsqueeze(1);
            double[] norms = [.. Enumerable.Range(0, width).Select(i => VectorMath.Norm(residuals[i]))];
            double leading = Enumerable.Range(0, width).Max(i => VectorMath.Norm(ax[i]));
            bool Good(int i) => norms[i] <= Math.Max(options.Tolerance * Math.Abs(values[i]), 10 * epsilon * leading)
                || values[i] + norms[i] < options.Level;
            bool converged = Enumerable.Range(0, wanted).All(Good);

            // What is good enough stays in the block but asks for no more products (soft locking; Knyazev 2007).
            int[] active = [.. Enumerable.Range(0, width).Where(i => norms[i] > 10 * epsilon * leading && (i >= wanted || !Good(i)))];
            if (converged || active.Length == 0 || products + active.Length > options.MaximumProducts)
            {
                Tensor found = x.narrow(0, 0, wanted).clone().DetachFromDisposeScope();
                step.Dispose();
                return Result(
                    found, values[..wanted], norms[..wanted], converged, converged && wanted > 1
                        ? ProductRounding.Ratio(values[0], values[1], norms[1], ProductRounding.Of(target.ScalarType, scale))
                        : double.NaN);
            }

            // New directions: residuals, at one product each; then the last change, whose images are known combinations.
            using var next = new RowBuffer(target, 3 * width);
            foreach (Tensor row in x.unbind(0))
            {
                next.Append(row);
            }

            Fill(next, active.Select(i => residuals[i]), epsilon);
            Tensor fresh = next.View.narrow(0, width, next.Count - width);
            List<Tensor> parts = [ax];
            if (fresh.shape[0] > 0)
            {
                parts.Add(target.ApplyBlock(fresh.clone()));
                products += (int)fresh.shape[0];
                scale = Math.Max(scale, Largest(parts[^1]));
            }

            Tensor allRows = next.View.clone();
            Tensor allImages = parts.Count > 1 ? cat([.. parts], 0) : ax.clone();
            if (block < rows.shape[0])
            {
                Tensor change = top.narrow(1, block, rows.shape[0] - block);
                Tensor p = change.mm(rows.narrow(0, block, rows.shape[0] - block));
                Tensor ap = change.mm(images.narrow(0, block, rows.shape[0] - block));
                (allRows, allImages) = Extend(allRows, allImages, p, ap, epsilon);
            }

            bool stuck = allRows.shape[0] == width;
            rows.Dispose();
            images.Dispose();
            rows = allRows.MoveToOuterDisposeScope();
            images = allImages.MoveToOuterDisposeScope();
            step.Dispose();
            if (stuck)
            {
                products = options.MaximumProducts;
            }
        }

        EigenResult Result(Tensor? vectors, double[] values, double[] norms, bool converged, double gap) => new()
        {
            Values = [.. values],
            Residuals = [.. norms.Select(norm => norm + ProductRounding.Of(target.ScalarType, scale))],
            Rounding = ProductRounding.Of(target.ScalarType, scale),
            Converged = converged,
            Products = products,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Smallest = double.NaN,
            GapRatio = gap,
            Vectors = vectors,
            Start = options.Start is null ? $"random, seed {options.Seed}" : $"given block, seed {options.Seed}",
        };
    }

    /// <summary>The largest norm of a row.</summary>
    private static double Largest(Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        return rows.unbind(0).Max(VectorMath.Norm);
    }

    private static void Fill(RowBuffer basis, IEnumerable<Tensor> directions, double epsilon)
    {
        foreach (Tensor direction in directions)
        {
            double norm = VectorMath.Norm(direction);
            if (!(norm > 0) || !double.IsFinite(norm))
            {
                continue;
            }

            Tensor vector = direction.Over(norm);
            basis.Orthogonalise(vector);
            double left = VectorMath.Norm(vector);
            if (left > 100 * epsilon)
            {
                vector.OverInPlace(left);
                basis.Orthogonalise(vector);
                basis.Append(vector.OverInPlace(VectorMath.Norm(vector)));
            }
        }
    }

    private static (Tensor Rows, Tensor Images) Extend(Tensor rows, Tensor images, Tensor p, Tensor ap, double epsilon)
    {
        for (int i = 0; i < p.shape[0]; i++)
        {
            Tensor row = p[i].unsqueeze(0);
            Tensor image = ap[i].unsqueeze(0);
            double before = VectorMath.Norm(row.view(-1));
            for (int pass = 0; pass < 2; pass++)
            {
                Tensor inside = row.mm(rows.t());
                row = row - inside.mm(rows);
                image = image - inside.mm(images);
            }

            double left = VectorMath.Norm(row.view(-1));
            if (left > 1e4 * epsilon * before && left > 0)
            {
                rows = cat([rows, row.Over(left)], 0);
                images = cat([images, image.Over(left)], 0);
            }
        }

        return (rows, images);
    }

    /// <summary>Ritz values, largest first, and coefficients of the leading ones in rows.</summary>
    private static (double[] Values, Tensor Top) Ritz(Tensor rows, Tensor images, int width)
    {
        Tensor wide = rows.to(ScalarType.Float64);
        Tensor projected = wide.mm(images.to(ScalarType.Float64).t());
        if (!projected.isfinite().all().item<bool>())
        {
            return ([double.NaN], projected);
        }

        // The rows are orthonormal up to rounding, which in float32 adds up over the iterations unless the Gram matrix
        // is taken into account: the pencil (V'AV, V'V), reduced by its Cholesky factor.
        Tensor inverse = linalg.inv(linalg.cholesky(wide.mm(wide.t())));
        Tensor reduced = inverse.mm(projected.Plus(projected.t()).Over(2)).mm(inverse.t());
        (Tensor values, Tensor vectors) = linalg.eigh(reduced.Plus(reduced.t()).Over(2));
        vectors = inverse.t().mm(vectors);
        return ([.. values.cpu().data<double>().Reverse()], vectors.t().flip(0).narrow(0, 0, width).to(rows.dtype).contiguous());
    }
}
