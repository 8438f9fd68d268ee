using System.Collections.Immutable;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>Which parameter tensors an eigenvector lies in: the part of its squared norm in each. They sum to 1.</summary>
public static class EigenvectorShares
{
    /// <summary>The shares of one vector.</summary>
    /// <param name="vector">Shape [size of all parameters], not zero; need not have unit length.</param>
    /// <param name="parameters">The parameters of the operator that the vector is of, in its order.</param>
    /// <exception cref="ArgumentException">The vector does not fit, is zero or not finite.</exception>
    public static ImmutableArray<(string Name, double Share)> Of(Tensor vector, ParameterSelection parameters)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentNullException.ThrowIfNull(parameters);
        if (vector.dim() != 1 || vector.shape[0] != parameters.Size)
        {
            throw new ArgumentException(
                $"The vector has shape [{string.Join(", ", vector.shape)}]; the parameters have {parameters.Size} elements.", nameof(vector));
        }

        double norm = VectorMath.Norm(vector);
        if (!(norm > 0) || !double.IsFinite(norm))
        {
            throw new ArgumentException($"The vector has norm {norm}; it must be finite and above 0.", nameof(vector));
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        return
        [
            .. parameters.Ranges().Select(range =>
                (range.Name, Math.Pow(VectorMath.Norm(vector.narrow(0, range.Offset, range.Count)) / norm, 2))),
        ];
    }
}
