using System.Text.Json.Serialization;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Actors.Wire;

/// <summary>JSON of what passes between processes. Numbers may be NaN or infinite: a diverging run does report them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SweepProtocol.RegisterDevice))]
[JsonSerializable(typeof(StartTrainer))]
[JsonSerializable(typeof(TrainerStarted))]
[JsonSerializable(typeof(PauseTrainer))]
[JsonSerializable(typeof(TrainerFenced))]
[JsonSerializable(typeof(AreYouAlive))]
[JsonSerializable(typeof(TrainerAlive))]
[JsonSerializable(typeof(InitialisationReported))]
[JsonSerializable(typeof(StepsTrained))]
[JsonSerializable(typeof(SnapshotStored))]
[JsonSerializable(typeof(SnapshotSkipped))]
[JsonSerializable(typeof(CurvatureReported))]
[JsonSerializable(typeof(AttemptDiverged))]
[JsonSerializable(typeof(AttemptFinished))]
[JsonSerializable(typeof(AttemptPaused))]
[JsonSerializable(typeof(SnapshotUnusable))]
[JsonSerializable(typeof(TrainerFailed))]
[JsonSerializable(typeof(ProbePool.MeasureStored))]
[JsonSerializable(typeof(ProbePool.Measured))]
[JsonSerializable(typeof(ProbePool.RateSearched))]
[JsonSerializable(typeof(ProbePool.NotMeasured))]
[JsonSerializable(typeof(TelemetryWriter.Record))]
[JsonSerializable(typeof(TelemetryWriter.Flush))]
[JsonSerializable(typeof(TelemetryWriter.Flushed))]
[JsonSerializable(typeof(TelemetryWriter.RowsLost))]
[JsonSerializable(typeof(StorageFailed))]
[JsonSerializable(typeof(StorageTrouble))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(ProbeKind[]))]
[JsonSerializable(typeof(SettingValue[]))]
internal sealed partial class WireJson : JsonSerializerContext;
