namespace CurvatureActors.Hessian.Operators;

/// <summary>What dropout does while curvature is measured; chosen explicitly, as the two give different matrices.</summary>
public sealed record DropoutPolicy
{
    private DropoutPolicy(long? seed) => Seed = seed;

    /// <summary>No dropout: layers in evaluation mode.</summary>
    public static DropoutPolicy Off { get; } = new((long?)null);

    /// <summary>The masks' seed; null when dropout is off.</summary>
    public long? Seed { get; }

    /// <summary>
    /// Layers in training mode, with masks that are the same in every evaluation, so that the operator is one symmetric
    /// matrix: the batch at index i draws as after <c>torch.manual_seed(seed + i)</c>. CPU only: TorchSharp cannot put
    /// the random state of another device back.
    /// </summary>
    /// <param name="seed">Any number.</param>
    public static DropoutPolicy FixedMasks(long seed) => new(seed);
}
