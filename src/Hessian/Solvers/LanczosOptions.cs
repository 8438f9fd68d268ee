using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>How <see cref="Lanczos.Largest"/> works.</summary>
public sealed record LanczosOptions
{
    /// <summary>Residual, relative to the value's magnitude, at which a value counts as converged; above 0 and below 1.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>
    /// A solve from a random start ends only when an eigenvalue that it missed, above a wanted one by more than three
    /// tolerances of it, would have escaped with at most this probability; above 0, and at most 1, which asks for nothing.
    /// One in two hundred takes up to two products after the residual is small.
    /// </summary>
    public double MissProbability { get; init; } = HiddenComponent.DefaultProbability;

    /// <summary>Most products with the operator; at least 1.</summary>
    public int MaximumProducts { get; init; } = 100;

    /// <summary>
    /// Most basis vectors held, at Size times the bytes of a number each (4 in float32), beside two or three that are
    /// worked with: 20 of them for a network of 25 million parameters take 2 GB. When they are used up, the iteration
    /// restarts from the best of them and takes somewhat more products. Null holds one per product. At least the
    /// wanted eigenvalues and 3.
    /// </summary>
    public int? MaximumBasis { get; init; }

    /// <summary>How many of the largest eigenvalues are wanted; at least 1. Fewer are returned by a smaller operator.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whether the eigenvectors are returned too.</summary>
    public bool ReturnVectors { get; init; }

    /// <summary>Seed of the random directions. They are drawn on the CPU, so they do not depend on the device.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Start vector, shape [Size], not zero; random when null. Nothing outside the invariant subspace that it lies in
    /// is seen before that subspace is exhausted: a start close to an eigenvector finds that one first.
    /// </summary>
    public Tensor? Start { get; init; }

    /// <summary>How far from a value another eigenvalue is told apart from it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="rounding">What rounding leaves of a product.</param>
    internal double Margin(double value, double rounding) => 3 * Math.Max(Tolerance * Math.Abs(value), 10 * rounding);

    internal void Validate()
    {
        if (!(Tolerance > 0 && Tolerance < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "The tolerance must be above 0 and below 1.");
        }

        HiddenComponent.Validate(MissProbability, nameof(MissProbability));
        if (MaximumProducts < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(MaximumProducts), MaximumProducts, "At least one product is needed.");
        }

        if (Count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Count), Count, "At least one eigenvalue must be wanted.");
        }

        if (Count > MaximumProducts)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Count), Count, $"{Count} eigenvalues need at least as many products; MaximumProducts is {MaximumProducts}.");
        }

        if (MaximumBasis < Count + 3)
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaximumBasis), MaximumBasis, $"Count is {Count}; the basis must hold at least 3 vectors more.");
        }
    }
}
