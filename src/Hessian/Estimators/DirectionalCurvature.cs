using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Estimators;

/// <summary>Curvature along given directions.</summary>
public static class DirectionalCurvature
{
    /// <summary>v'Hv / v'v, between the smallest and the largest eigenvalue. One product.</summary>
    /// <param name="target">H.</param>
    /// <param name="direction">v, shape [Size], for instance the gradient or the optimizer's update.</param>
    /// <returns>The quotient; NaN for a zero direction.</returns>
    /// <exception cref="ArgumentException">The direction does not fit the operator.</exception>
    public static double Along(ISymmetricOperator target, Tensor direction)
    {
        ArgumentNullException.ThrowIfNull(target);
        VectorChecks.Fits(target, direction, nameof(direction));
        using IDisposable quiet = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return VectorMath.Dot(direction, target.Apply(direction)) / VectorMath.Dot(direction, direction);
    }

    /// <summary>
    /// Batch sharpness: the mean over batches of g_B' H_B g_B / |g_B|^2, each batch with its own gradient and Hessian
    /// (Andreyev and Beneventano 2024, arXiv 2412.20553): the gauge of stability at small batch size.
    /// </summary>
    /// <param name="batches">Hessian and gradient of each batch.</param>
    /// <exception cref="ArgumentException">There is no batch, or a gradient does not fit its operator.</exception>
    public static Estimate BatchSharpness(IEnumerable<(ISymmetricOperator Hessian, Tensor Gradient)> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return Estimate.Of([.. batches.Select(batch => Along(batch.Hessian, batch.Gradient))]);
    }

    /// <summary>
    /// Which share of a vector's squared norm lies along each of a set of orthonormal vectors, such as that of the
    /// gradient along the top eigenvectors. The shares add up to at most 1.
    /// </summary>
    /// <param name="vector">Shape [Size].</param>
    /// <param name="orthonormal">Shape [k, Size], of the same type and device.</param>
    /// <returns>k shares; NaN for a zero vector.</returns>
    /// <exception cref="ArgumentException">The shapes do not belong together.</exception>
    public static IReadOnlyList<double> Overlap(Tensor vector, Tensor orthonormal)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentNullException.ThrowIfNull(orthonormal);
        if (vector.dim() != 1 || orthonormal.dim() != 2 || orthonormal.shape[1] != vector.shape[0])
        {
            throw new ArgumentException(
                $"Vectors [{string.Join(", ", orthonormal.shape)}] and a vector [{string.Join(", ", vector.shape)}] do not belong together.");
        }

        using IDisposable quiet = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double square = VectorMath.Dot(vector, vector);
        return
        [
            .. Enumerable.Range(0, (int)orthonormal.shape[0]).Select(i =>
            {
                double component = VectorMath.Dot(orthonormal[i], vector);
                return component * component / square;
            }),
        ];
    }
}
