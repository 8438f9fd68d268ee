using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// He et al. 2015, fan-in: a weight before an activation is normal with standard deviation scale * sqrt(2 / fan-in),
/// one without (<see cref="ParameterRole.Linear"/>) scale * sqrt(1 / fan-in), and the rows of an embedding have
/// about unit length: scale / sqrt(width). Biases stay 0 and normalisations the identity, as they are built.
/// </summary>
public static class HeNormal
{
    /// <summary>Standard deviation of a weight [outputs, inputs, ...]: sqrt(2 / (inputs * ...)).</summary>
    public static double StandardDeviation(ReadOnlySpan<long> shape)
    {
        long fanIn = 1;
        foreach (long extent in shape[1..])
        {
            fanIn *= extent;
        }

        return Math.Sqrt(2.0 / fanIn);
    }

    /// <summary>
    /// Draws the weights in declaration order from a CPU generator, and only from it. Drawn on the CPU and then copied,
    /// so a seed means the same weights on every device.
    /// </summary>
    public static void Initialise(Network network, double scale, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        using IDisposable noGrad = no_grad();
        foreach (NamedTensor parameter in network.Parameters.Where(parameter => parameter.Role != ParameterRole.Fixed))
        {
            long[] shape = parameter.Value.shape;
            using Tensor drawn = empty(shape, parameter.Value.dtype, CPU);
            drawn.normal_(0, scale * StandardDeviation(parameter.Role, shape), generator);
            parameter.Value.copy_(drawn);
        }
    }

    // The fan-in of an embedding's transpose is its width.
    private static double StandardDeviation(ParameterRole role, long[] shape) => role == ParameterRole.Rectified
        ? StandardDeviation(shape)
        : StandardDeviation(shape) / Math.Sqrt(2);
}
