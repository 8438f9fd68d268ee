using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>How <see cref="Lobpcg"/> works.</summary>
public sealed record LobpcgOptions
{
    /// <summary>How many of the largest eigenvalues are wanted; at least 1. Fewer are returned by a smaller operator.</summary>
    public int Count { get; init; } = 2;

    /// <summary>Vectors beyond the wanted ones, random unless given: they speed up and see what a start lacks; at least 1.</summary>
    public int Guard { get; init; } = 2;

    /// <summary>Residual, relative to the value's magnitude, at which a value counts as converged; above 0 and below 1.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>
    /// A wanted value also counts as converged when it and its residual lie below this: that much suffices where only
    /// the eigenvalues above a level matter. Null: every wanted value must reach the tolerance.
    /// </summary>
    public double? Level { get; init; }

    /// <summary>Most products with single vectors; at least Count + Guard.</summary>
    public int MaximumProducts { get; init; } = 1000;

    /// <summary>Seed of the random directions.</summary>
    public ulong Seed { get; init; }

    /// <summary>Warm block in rows, shape [any, Size], such as the vectors of an earlier result; random directions complete it.</summary>
    public Tensor? Start { get; init; }

    internal void Validate()
    {
        new LanczosOptions { Tolerance = Tolerance }.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Guard, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumProducts, Count + Guard);
    }
}
