using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>A real symmetric matrix known by its products with vectors. All a solver needs; it knows no model and no data.</summary>
public interface ISymmetricOperator
{
    /// <summary>Rows, and columns.</summary>
    long Size { get; }

    /// <summary>Where vectors live.</summary>
    Device Device { get; }

    /// <summary>float32 or float64: the type of vectors.</summary>
    ScalarType ScalarType { get; }

    /// <summary>A v.</summary>
    /// <param name="vector">v, of shape [<see cref="Size"/>], on <see cref="Device"/>, of <see cref="ScalarType"/>; left as it is.</param>
    /// <returns>A new tensor of shape [<see cref="Size"/>] that the caller owns.</returns>
    /// <exception cref="ArgumentException">The vector's shape, device or type does not fit.</exception>
    Tensor Apply(Tensor vector);
}
