using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>Sums in float64 around vectors of the operator's type.</summary>
internal static class VectorMath
{
    /// <summary>x . y, summed in float64 where the device has it.</summary>
    internal static double Dot(Tensor left, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        return Wide(left).dot(Wide(right)).to(ScalarType.Float64).item<double>();
    }

    /// <summary>|x|, summed in float64 where the device has it.</summary>
    internal static double Norm(Tensor vector)
    {
        using DisposeScope scope = NewDisposeScope();
        return Wide(vector).norm().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Rounding of one operation in a type.</summary>
    internal static double Epsilon(ScalarType type) => type == ScalarType.Float32 ? 1.1920929e-7 : 2.220446049250313e-16;

    // Apple's GPUs have no float64.
    private static Tensor Wide(Tensor vector) =>
        vector.device.type == DeviceType.MPS ? vector : vector.to(ScalarType.Float64);
}
