using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Whether an operator is one matrix: the same question asked twice.</summary>
public static class Determinism
{
    // On a CPU two answers agree to the bit; a GPU's sums in changing order differ by some roundings.
    private const double Roundings = 100;

    private const string Reasons =
        "Dropout drawing new masks, data augmented anew, or parameters and buffers changed in between do this; "
        + "fix the masks by a seed, or measure in evaluation mode.";

    /// <summary>Applies an operator twice to one random vector, at two products.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="seed">Seed of the vector; no global random state is used.</param>
    /// <exception cref="NonDeterministicOperatorException">The products differ by more than rounding.</exception>
    public static void Require(ISymmetricOperator target, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using var generator = new Generator(seed, CPU);
        Tensor vector = randn(target.Size, dtype: target.ScalarType, device: CPU, generator: generator).to(target.Device);
        Tensor first = target.Apply(vector);
        Tensor second = target.Apply(vector);
        if (first.equal(second).all().item<bool>())
        {
            return;
        }

        double size = Norm(first);
        double difference = Norm(first - second);
        if (double.IsFinite(size) && !(difference <= Roundings * Epsilon(target.ScalarType) * size))
        {
            throw new NonDeterministicOperatorException(
                $"Two products with the same vector differ by {difference:g3} at a norm of {size:g3}. {Reasons}");
        }
    }

    /// <summary>Refuses a term whose loss is not what it was at first.</summary>
    internal static void RequireSame(double first, double now, ScalarType type)
    {
        bool same = first.Equals(now) || Math.Abs(first - now) <= Roundings * Epsilon(type) * Math.Abs(first);
        if (!same)
        {
            throw new NonDeterministicOperatorException(
                $"A loss term evaluated to {first:g9} at first and to {now:g9} later. {Reasons}");
        }
    }

    // Squares of a small float32 leave its type.
    private static double Norm(Tensor vector) =>
        (vector.device_type == DeviceType.MPS ? vector : vector.to(ScalarType.Float64)).norm().to(ScalarType.Float64).item<double>();

    internal static double Epsilon(ScalarType type) => type == ScalarType.Float32 ? 1.1920929e-7 : 2.220446049250313e-16;
}
