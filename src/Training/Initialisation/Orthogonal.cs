using CurvatureActors.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// <c>orthogonal</c> (Saxe et al. 2014): a weight as a matrix W [outputs, everything else] is scale * gain times one
/// uniformly random with orthonormal rows or columns, whichever are fewer; gain sqrt(2) before an activation, otherwise 1.
/// Embeddings and the points of analytic models are drawn as by <see cref="HeNormal"/>.
/// </summary>
public static class Orthogonal
{
    /// <inheritdoc cref="Initialisation"/>
    public static void Initialise(Network network, Func<NamedTensor, double> scale, Generator generator) =>
        WeightDraws.Each(network, (weight, drawn) =>
        {
            if (!WeightDraws.IsMatrix(weight))
            {
                drawn.normal_(0, scale(weight) * HeNormal.StandardDeviation(weight), generator);
                return;
            }

            using DisposeScope scope = NewDisposeScope();
            using Scalar factor = (scale(weight) * (weight.Role == ParameterRole.Rectified ? Math.Sqrt(2) : 1)).ToScalar();
            drawn.copy_(Matrix(drawn.shape[0], Fans.Of(drawn.shape).In, generator).mul(factor).view(drawn.shape));
        });

    // Multiplied by the signs of R's diagonal, the Q of a normal matrix is uniformly distributed.
    private static Tensor Matrix(long rows, long columns, Generator generator)
    {
        Tensor normal = empty([Math.Max(rows, columns), Math.Min(rows, columns)], ScalarType.Float64, CPU)
            .normal_(0, 1, generator);
        (Tensor q, Tensor r) = linalg.qr(normal);
        Tensor tall = q * r.diagonal().sign();
        return rows >= columns ? tall : tall.t();
    }
}
