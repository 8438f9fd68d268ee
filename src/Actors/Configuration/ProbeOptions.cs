using System.Text.Json.Serialization;
using CurvatureActors.Training;
using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// When curvature is measured for the observer: the half of <c>curvature.probe</c> that no run's identity depends on.
/// How it is measured is part of the run's specification, since a remedy may use the value.
/// </summary>
/// <remarks>What journals of earlier versions do not have is left out of the JSON where it says nothing.</remarks>
/// <param name="DenseSteps">The first so many steps of an attempt are measured one by one, the trainer waiting.</param>
/// <param name="Every">Steps between measurements of lambda1 after those, when they are spaced linearly.</param>
/// <param name="Policy">What happens when probes fall behind.</param>
/// <param name="Workers">Probes of this node that work at the same time.</param>
public sealed record ProbeOptions(int DenseSteps, int Every, ProbePolicy Policy, int Workers)
{
    private const int DefaultPerDecade = 10;

    /// <summary>How the measurements of lambda1 lie after the dense steps.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Spacing Spacing { get; init; }

    /// <summary>Measurements of lambda1 in each tenfold of steps, when they are spaced logarithmically; null for 10.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PerDecade { get; init; }

    /// <summary>Bytes that the graphs kept by all probes may take together; null for a share of the machine's memory.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? GraphMemory { get; init; }

    /// <summary>What is measured beside lambda1; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EquatableList<ProbeKind>? Kinds { get; init; }

    /// <summary>When lambda1 is measured.</summary>
    [JsonIgnore]
    public MeasurementSchedule Lambda1 => new(DenseSteps, Spacing, Every, PerDecade ?? DefaultPerDecade);
}
