using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// <c>he</c> (He et al. 2015, fan-in): a weight before an activation is normal with standard deviation
/// scale * sqrt(2 / fan-in), one without (<see cref="ParameterRole.Linear"/>) scale * sqrt(1 / fan-in), and the rows of an
/// embedding have about unit length: scale / sqrt(width).
/// </summary>
public static class HeNormal
{
    /// <summary>Standard deviation of a weight [outputs, inputs, ...]: sqrt(2 / (inputs * ...)).</summary>
    public static double StandardDeviation(ReadOnlySpan<long> shape) => Math.Sqrt(2.0 / Fans.Of(shape).In);

    /// <inheritdoc cref="Initialisation"/>
    public static void Initialise(Network network, Func<NamedTensor, double> scale, Generator generator) =>
        WeightDraws.Normal(network, scale, generator, StandardDeviation);

    internal static double StandardDeviation(NamedTensor weight) => weight.Role == ParameterRole.Rectified
        ? StandardDeviation(weight.Value.shape)
        : StandardDeviation(weight.Value.shape) / Math.Sqrt(2);
}
