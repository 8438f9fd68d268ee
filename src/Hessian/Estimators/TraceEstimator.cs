using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Estimators;

/// <summary>The sum of all eigenvalues, from products alone.</summary>
public static class TraceEstimator
{
    /// <summary>
    /// Hutchinson (1990): the mean of z'Az over random signs z. Unbiased; exact for diagonal matrices. The variance of
    /// one sample is 2 (|A|_F^2 - sum a_ii^2). No vector of signs is drawn twice.
    /// </summary>
    /// <param name="target">A.</param>
    /// <param name="samples">Products to spend; at least 1, for an error at least 2.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <returns>The trace. Where the products reach for every row it is the sum of the diagonal; its error is the rounding of products.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of samples is below 1.</exception>
    public static Estimate Hutchinson(ISymmetricOperator target, int samples, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        using IDisposable quiet = no_grad();
        if (target.Size <= samples)
        {
            return Diagonal(target);
        }

        using var generator = new Generator(seed, CPU);
        return Mean(new SignVectors(target, generator), samples, signs => VectorMath.Dot(signs, target.Apply(signs)));
    }

    /// <summary>
    /// Hutch++ (Meyer, Musco, Musco and Woodruff 2021, arXiv 2010.09649): a third of the products finds the range of
    /// A's large eigenvalues, a third takes their trace exactly, and Hutchinson does the rest. Much better than
    /// Hutchinson for the same products where few eigenvalues dominate, as in a Hessian.
    /// </summary>
    /// <param name="target">A.</param>
    /// <param name="products">Products to spend; at least 3, for an error at least 6.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <returns>
    /// The trace; the error is that of the part that Hutchinson did, and so is the number of samples. Where the products
    /// reach for every row it is the sum of the diagonal; its error is the rounding of products.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of products is below 3.</exception>
    public static Estimate HutchPlusPlus(ISymmetricOperator target, int products, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 3);
        using IDisposable quiet = no_grad();
        if (target.Size <= products)
        {
            return Diagonal(target);
        }

        using DisposeScope outer = NewDisposeScope();
        using var generator = new Generator(seed, CPU);
        using var range = new RowBuffer(target);
        int sketch = products / 3;
        var first = new SignVectors(target, generator);
        for (int i = 0; i < sketch; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor image = target.Apply(first.Next());
            double before = VectorMath.Norm(image);
            range.Orthogonalise(image);
            double after = VectorMath.Norm(image);
            if (after > 100 * VectorMath.Epsilon(target.ScalarType) * before)
            {
                range.Append(image.OverInPlace(after));
            }
        }

        double exact = 0;
        for (int i = 0; i < range.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            exact += VectorMath.Dot(range.Row(i), target.Apply(range.Row(i)));
        }

        // In the range everything is known; what is left is estimated on its complement.
        int samples = Math.Max(1, products - sketch - range.Count);
        Estimate rest = Mean(new SignVectors(target, generator), samples, signs =>
        {
            range.Orthogonalise(signs);
            return VectorMath.Dot(signs, target.Apply(signs));
        });
        return rest with { Value = exact + rest.Value };
    }

    /// <summary>
    /// The mean over so many vectors of signs; fewer than there are. Drawn without repetition, s of N leave the share 1 - s/N
    /// of the variance that independent ones would have.
    /// </summary>
    private static Estimate Mean(SignVectors vectors, int samples, Func<Tensor, double> of)
    {
        Estimate mean = Estimate.Of([.. Enumerable.Range(0, samples).Select(_ =>
        {
            using DisposeScope scope = NewDisposeScope();
            return of(vectors.Next());
        })]);
        return mean with { StandardError = mean.StandardError * Math.Sqrt(1 - samples / vectors.Count) };
    }

    /// <summary>The sum of e_i'Ae_i over all rows: nothing is estimated, but each product is rounded.</summary>
    private static Estimate Diagonal(ISymmetricOperator target)
    {
        double sum = 0;
        double scale = 0;
        for (long row = 0; row < target.Size; row++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor unit = zeros([target.Size], target.ScalarType, target.Device);
            unit[row] = 1;
            Tensor image = target.Apply(unit);
            sum += VectorMath.Dot(unit, image);
            scale += VectorMath.Norm(image);
        }

        return new Estimate(sum, ProductRounding.Of(target.ScalarType, scale), (int)target.Size);
    }
}
