using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// He et al. 2015, fan-in: every weight (rank 2 or more) is normal with standard deviation scale * sqrt(2 / fan-in).
/// Biases stay 0 and normalisations the identity, as they are built.
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
        foreach (NamedTensor parameter in network.Parameters.Where(IsWeight))
        {
            long[] shape = parameter.Value.shape;
            using Tensor drawn = empty(shape, parameter.Value.dtype, CPU);
            drawn.normal_(0, scale * StandardDeviation(shape), generator);
            parameter.Value.copy_(drawn);
        }
    }

    // A layer norm's weight has the rank of the feature map, so the rank alone does not tell.
    private static bool IsWeight(NamedTensor parameter) =>
        parameter.Name.EndsWith(".weight", StringComparison.Ordinal)
        && !parameter.Name.EndsWith(".normalization.weight", StringComparison.Ordinal);
}
