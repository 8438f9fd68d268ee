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
        Tensor wide = Wide(vector);
        double norm = Number(wide.norm());
        if (norm is > Smallest and < Largest)
        {
            return norm;
        }

        // The squares have left the type: in units of the largest element they have not.
        double unit = Number(wide.abs().max());
        return unit > 0 && double.IsFinite(unit) ? unit * Number(wide.Over(unit).norm()) : norm;
    }

    // Beyond them squares of float64 lose digits: the root of the smallest normal number over its rounding, and its inverse.
    private const double Smallest = 1e-140;
    private const double Largest = 1e140;

    /// <summary>Rounding of one operation in a type.</summary>
    internal static double Epsilon(ScalarType type) => type == ScalarType.Float32 ? 1.1920929e-7 : 2.220446049250313e-16;

    private static double Number(Tensor value) => value.to(ScalarType.Float64).item<double>();

    // Apple's GPUs have no float64.
    private static Tensor Wide(Tensor vector) =>
        vector.device.type == DeviceType.MPS ? vector : vector.to(ScalarType.Float64);
}
