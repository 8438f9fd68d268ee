using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// <c>xavier</c> (Glorot and Bengio 2010): normal with standard deviation scale * sqrt(2 / (fan-in + fan-out)). Embeddings
/// and the points of analytic models, which have no such fans, are drawn as by <see cref="HeNormal"/>.
/// </summary>
public static class XavierNormal
{
    /// <inheritdoc cref="Initialisation"/>
    public static void Initialise(Network network, Func<NamedTensor, double> scale, Generator generator) =>
        WeightDraws.Normal(network, scale, generator, StandardDeviation);

    private static double StandardDeviation(NamedTensor weight)
    {
        Fans fans = Fans.Of(weight.Value.shape);
        return WeightDraws.IsMatrix(weight)
            ? Math.Sqrt(2.0 / (fans.In + fans.Out))
            : HeNormal.StandardDeviation(weight);
    }
}
