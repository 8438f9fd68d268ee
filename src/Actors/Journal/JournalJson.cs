using System.Text.Json.Serialization;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Actors.Journal;

/// <summary>
/// JSON of the journal. Numbers may be NaN or infinite: a diverging run does record them. A field without a default that
/// is missing is damage.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ExperimentAccepted))]
[JsonSerializable(typeof(RunConcluded))]
[JsonSerializable(typeof(RunClaimed))]
[JsonSerializable(typeof(AttemptStarted))]
[JsonSerializable(typeof(SnapshotCommitted))]
[JsonSerializable(typeof(SnapshotRejected))]
[JsonSerializable(typeof(CurvatureMeasured))]
[JsonSerializable(typeof(CriticalRateMeasured))]
[JsonSerializable(typeof(DivergenceDetected))]
[JsonSerializable(typeof(RemedyChosen))]
[JsonSerializable(typeof(TrainerLost))]
[JsonSerializable(typeof(RunPaused))]
[JsonSerializable(typeof(RunCompleted))]
[JsonSerializable(typeof(RunDiverged))]
[JsonSerializable(typeof(RunFailed))]
[JsonSerializable(typeof(RunStopped))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(ProbeKind[]))]
[JsonSerializable(typeof(SettingValue[]))]
internal sealed partial class JournalJson : JsonSerializerContext;
