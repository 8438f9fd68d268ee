using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Checks with errors that name the value, shared by the operators: native errors would name neither.</summary>
internal static class VectorChecks
{
    internal static void Fits(ISymmetricOperator target, Tensor vector, string name)
    {
        ArgumentNullException.ThrowIfNull(vector, name);
        if (vector.dim() != 1 || vector.shape[0] != target.Size)
        {
            throw new ArgumentException(
                $"{name} has shape [{string.Join(", ", vector.shape)}]; the operator takes [{target.Size}].", name);
        }

        KindFits(target, vector, name);
    }

    internal static void BlockFits(ISymmetricOperator target, Tensor vectors, string name)
    {
        ArgumentNullException.ThrowIfNull(vectors, name);
        if (vectors.dim() != 2 || vectors.shape[0] < 1 || vectors.shape[1] != target.Size)
        {
            throw new ArgumentException(
                $"{name} has shape [{string.Join(", ", vectors.shape)}]; the operator takes [k, {target.Size}], k at least 1.", name);
        }

        KindFits(target, vectors, name);
    }

    internal static void IsReal(ScalarType type, string name)
    {
        if (type is not (ScalarType.Float32 or ScalarType.Float64))
        {
            throw new ArgumentException($"{name} is {type}; curvature is computed in Float32 or Float64.", name);
        }
    }

    internal static bool SameDevice(Device left, Device right) =>
        left.type == right.type && (left.type == DeviceType.CPU || Math.Max(left.index, 0) == Math.Max(right.index, 0));

    private static void KindFits(ISymmetricOperator target, Tensor vector, string name)
    {
        if (vector.dtype != target.ScalarType)
        {
            throw new ArgumentException($"{name} is {vector.dtype}; the operator takes {target.ScalarType}.", name);
        }

        if (!SameDevice(vector.device, target.Device))
        {
            throw new ArgumentException($"{name} is on {vector.device}; the operator is on {target.Device}.", name);
        }
    }
}
