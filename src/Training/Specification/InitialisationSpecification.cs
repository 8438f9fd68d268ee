using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>How a network gets its first weights: an initialisation, and perhaps a phase that rescales its weights.</summary>
public sealed record InitialisationSpecification
{
    /// <summary>Registered initialisation, see <see cref="Initialisation.Initialisations.All"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Factors for each kind of layer; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InitialScalesSpecification? Scales { get; init; }

    /// <summary>The phase MetaInit; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MetaInitSpecification? MetaInit { get; init; }

    /// <summary>The phase GradInit; null for none. After MetaInit where both are there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GradInitSpecification? GradInit { get; init; }
}
