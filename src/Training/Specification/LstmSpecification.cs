namespace CurvatureActors.Training.Specification;

/// <summary>Shape of a <see cref="Models.RecurrentNet"/>.</summary>
public sealed record LstmSpecification
{
    /// <summary>Number of recurrent layers.</summary>
    public required int Depth { get; init; }

    /// <summary>Units of each.</summary>
    public required int Width { get; init; }

    /// <summary><c>pre</c> or <c>post</c>; without effect when there is no normalisation.</summary>
    public required string NormalizationPosition { get; init; }
}
