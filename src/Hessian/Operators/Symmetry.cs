using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Whether an operator is symmetric: u'Av = v'Au for random vectors u and v.</summary>
public static class Symmetry
{
    // Beside |Av|, which of a random v is |A|_F: the roundings of the products, which add up over a deep network. A matrix
    // whose antisymmetric part B has a norm of b |A|_F is off by 2 b times a Gaussian.
    private const double Roundings = 1e4;

    /// <summary>Applies an operator to two random vectors, at two products, as one block.</summary>
    /// <remarks>
    /// In float32 an antisymmetric part of 1 % of |A|_F is noticed with probability 0.95, in float64 one of 1e-10. Not for
    /// differences of gradients, which are symmetric only up to their error.
    /// </remarks>
    /// <param name="target">The operator.</param>
    /// <param name="seed">Seed of the vectors; no global random state is used.</param>
    /// <exception cref="NonSymmetricOperatorException">u'Av and v'Au differ by more than rounding.</exception>
    public static void Require(ISymmetricOperator target, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using var generator = new Generator(seed, CPU);
        Tensor vectors = randn([2, target.Size], dtype: target.ScalarType, device: CPU, generator: generator).to(target.Device);
        Tensor products = target.ApplyBlock(vectors);
        double across = Dot(vectors[0], products[1]);
        double back = Dot(vectors[1], products[0]);
        double size = Math.Sqrt((Dot(products[0], products[0]) + Dot(products[1], products[1])) / 2);
        if (double.IsFinite(size) && Math.Abs(across - back) > Roundings * Determinism.Epsilon(target.ScalarType) * size)
        {
            throw new NonSymmetricOperatorException(
                $"u'Av is {across:g9} and v'Au is {back:g9} for random u and v, at a norm of Av of {size:g3}: the operator is not symmetric. "
                + "A tensor that counts as several parameters, or a layer whose second derivatives are wrong, does this; "
                + $"differences of gradients ({nameof(FiniteDifferenceHessianOperator)}) do without second derivatives.");
        }
    }

    private static double Dot(Tensor left, Tensor right) => Wide(left).dot(Wide(right)).to(ScalarType.Float64).item<double>();

    // Apple's GPUs have no float64.
    private static Tensor Wide(Tensor vector) =>
        vector.device_type == DeviceType.MPS ? vector : vector.to(ScalarType.Float64);
}
