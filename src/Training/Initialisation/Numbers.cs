using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>Numbers out of tensors of either precision, and rows of them as tensors of double precision.</summary>
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

    /// <summary>A new CPU tensor [n] with these values.</summary>
    public static Tensor Vector(double[] values) => tensor(values, float64);

    /// <summary>Overwrites the numbers with those of a CPU tensor [n] of double precision.</summary>
    public static void Read(Tensor vector, double[] into) => vector.data<double>().CopyTo(into);
}
