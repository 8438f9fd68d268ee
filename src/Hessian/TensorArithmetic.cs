using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian;

/// <summary>
/// Arithmetic of tensors and numbers that holds every <see cref="Scalar"/> until libtorch has returned. TorchSharp's own
/// operators make a hidden one, which the garbage collector may finalise while native code still reads it (also a + b,
/// whose factor 1 is one); BannedSymbols.txt refuses them in src.
/// </summary>
/// <remarks>Bit for bit what the operator or method named would give. New tensors belong to the current dispose scope.</remarks>
public static class TensorArithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return left.add(right, One);
    }

    /// <summary>tensor + number, for a number that the caller holds.</summary>
    public static Tensor Plus(this Tensor tensor, Scalar number)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.add(number, One);
    }

    /// <summary>tensor * factor.</summary>
    public static Tensor Times(this Tensor tensor, double factor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Scalar scalar = factor.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>tensor / divisor.</summary>
    public static Tensor Over(this Tensor tensor, double divisor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Scalar scalar = divisor.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>target += source.</summary>
    /// <returns>The target.</returns>
    public static Tensor PlusInPlace(this Tensor target, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.add_(source, One);
    }

    /// <summary>target += factor * source.</summary>
    /// <returns>The target.</returns>
    public static Tensor PlusInPlace(this Tensor target, Tensor source, double factor)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = factor.ToScalar();
        return target.add_(source, scalar);
    }

    /// <summary>target += number, for a number that the caller holds.</summary>
    /// <returns>The target.</returns>
    public static Tensor PlusInPlace(this Tensor target, Scalar number)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.add_(number, One);
    }

    /// <summary>target -= number.</summary>
    /// <returns>The target.</returns>
    public static Tensor MinusInPlace(this Tensor target, double number)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = number.ToScalar();
        return target.sub_(scalar);
    }

    /// <summary>target *= factor.</summary>
    /// <returns>The target.</returns>
    public static Tensor TimesInPlace(this Tensor target, double factor)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = factor.ToScalar();
        return target.mul_(scalar);
    }

    /// <summary>target /= divisor.</summary>
    /// <returns>The target.</returns>
    public static Tensor OverInPlace(this Tensor target, double divisor)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = divisor.ToScalar();
        return target.div_(scalar);
    }

    /// <summary>target[...] = number.</summary>
    /// <returns>The target.</returns>
    public static Tensor FillInPlace(this Tensor target, double number)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = number.ToScalar();
        return target.fill_(scalar);
    }
}
