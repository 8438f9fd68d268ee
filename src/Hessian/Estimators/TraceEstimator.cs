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
    /// one sample is 2 (|A|_F^2 - sum a_ii^2).
    /// </summary>
    /// <param name="target">A.</param>
    /// <param name="samples">Products to spend; at least 1, for an error at least 2.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of samples is below 1.</exception>
    public static Estimate Hutchinson(ISymmetricOperator target, int samples, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        using IDisposable quiet = no_grad();
        using var generator = new Generator(seed, CPU);
        return Estimate.Of([.. Enumerable.Range(0, samples).Select(_ =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor signs = Signs(target, generator);
            return VectorMath.Dot(signs, target.Apply(signs));
        })]);
    }

    /// <summary>
    /// Hutch++ (Meyer, Musco, Musco and Woodruff 2021, arXiv 2010.09649): a third of the products finds the range of
    /// A's large eigenvalues, a third takes their trace exactly, and Hutchinson does the rest. Much better than
    /// Hutchinson for the same products where few eigenvalues dominate, as in a Hessian.
    /// </summary>
    /// <param name="target">A.</param>
    /// <param name="products">Products to spend; at least 3, for an error at least 6.</param>
    /// <param name="seed">Seed of the signs.</param>
    /// <returns>The trace; the error is that of the part that Hutchinson did, and so is the number of samples.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of products is below 3.</exception>
    public static Estimate HutchPlusPlus(ISymmetricOperator target, int products, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 3);
        using IDisposable quiet = no_grad();
        using DisposeScope outer = NewDisposeScope();
        using var generator = new Generator(seed, CPU);
        using var range = new RowBuffer(target);
        int sketch = (int)Math.Min(products / 3, target.Size);
        for (int i = 0; i < sketch; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor image = target.Apply(Signs(target, generator));
            double before = VectorMath.Norm(image);
            range.Orthogonalise(image);
            double after = VectorMath.Norm(image);
            if (after > 100 * VectorMath.Epsilon(target.ScalarType) * before)
            {
                range.Append(image.div_(after));
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
        Estimate rest = Estimate.Of([.. Enumerable.Range(0, samples).Select(_ =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor signs = Signs(target, generator);
            range.Orthogonalise(signs);
            return VectorMath.Dot(signs, target.Apply(signs));
        })]);
        return rest with { Value = exact + rest.Value };
    }

    private static Tensor Signs(ISymmetricOperator target, Generator generator)
    {
        Tensor bits = empty([target.Size], ScalarType.Float32, CPU).bernoulli_(0.5, generator);
        return bits.mul_(2).sub_(1).to(target.ScalarType).to(target.Device);
    }
}
