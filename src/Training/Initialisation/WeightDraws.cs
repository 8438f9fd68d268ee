using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// What initialisations share. Weights are drawn in declaration order on the CPU and then copied, so a seed means the same
/// weights on every device.
/// </summary>
internal static class WeightDraws
{
    /// <summary>Whether a parameter is drawn at all: biases, normalisations and Fixup's scalars stay as they are built.</summary>
    public static bool IsDrawn(NamedTensor parameter) => parameter.Role is not (ParameterRole.Fixed or ParameterRole.Scalar);

    /// <summary>Whether a weight is one of a layer [outputs, inputs, ...], neither a table nor a point.</summary>
    public static bool IsMatrix(NamedTensor weight) =>
        weight.Role != ParameterRole.Embedding && weight.Value.dim() >= 2;

    /// <summary>Fills every weight by way of a tensor of its shape and type on the CPU.</summary>
    public static void Each(Network network, Action<NamedTensor, Tensor> draw)
    {
        ArgumentNullException.ThrowIfNull(network);
        using IDisposable noGrad = no_grad();
        foreach (NamedTensor weight in network.Parameters.Where(IsDrawn))
        {
            using Tensor drawn = empty(weight.Value.shape, weight.Value.dtype, CPU);
            draw(weight, drawn);
            weight.Value.copy_(drawn);
        }
    }

    /// <summary>Normal weights of a standard deviation each.</summary>
    public static void Normal(
        Network network, Func<NamedTensor, double> scale, Generator generator, Func<NamedTensor, double> deviation) =>
        Each(network, (weight, drawn) => drawn.normal_(0, scale(weight) * deviation(weight), generator));
}
