using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// <c>lecun</c> (LeCun et al. 1998): normal with standard deviation scale * sqrt(1 / fan-in), whatever follows.
/// </summary>
public static class LecunNormal
{
    /// <inheritdoc cref="Initialisation"/>
    public static void Initialise(Network network, Func<NamedTensor, double> scale, Generator generator) =>
        WeightDraws.Normal(network, scale, generator, weight => Math.Sqrt(1.0 / Fans.Of(weight.Value.shape).In));
}
