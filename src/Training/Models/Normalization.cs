namespace CurvatureActors.Training.Models;

/// <summary>A kind of normalisation between a linear layer and its activation.</summary>
/// <param name="Create">The layer for examples of this shape ([features] or [channels, height, width]); null for none.</param>
/// <param name="CancelsBias">
/// Whether a bias before it has no effect; it is then left out, since it would only add flat directions to the loss.
/// </param>
public sealed record Normalization(Func<long[], NetworkOptions, Layer?> Create, bool CancelsBias)
{
    /// <summary>Whether its layer looks at <see cref="NetworkOptions.FusedNormalization"/>.</summary>
    public bool MayBeFused { get; init; }

    /// <summary>The kinds by name: <c>none</c>, <c>batch</c>, <c>layer</c>, <c>group</c>.</summary>
    public static Registry<Normalization> Kinds { get; } = new(
        "normalization",
        ("none", new((_, _) => null, CancelsBias: false)),
        ("batch", new((shape, options) => new BatchNormalization(shape[0], options), CancelsBias: true)),
        ("layer", new((shape, options) => new LayerNormalization(shape, options), CancelsBias: false) { MayBeFused = true }),
        ("group", new((shape, options) => new GroupNormalization(shape[0], options), CancelsBias: false) { MayBeFused = true }));
}
