using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>Numbers out of tensors of either precision.</summary>
internal static class Numbers
{
    /// <summary>The one element.</summary>
    public static double Of(Tensor scalar) =>
        scalar.dtype == ScalarType.Float64 ? scalar.item<double>() : scalar.item<float>();

    /// <summary>The inner product of two tensors of one shape.</summary>
    public static double Dot(Tensor a, Tensor b)
    {
        using Tensor product = a * b;
        using Tensor sum = product.sum();
        return Of(sum);
    }
}
