using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Actors.Wire;

/// <summary>
/// Writes what passes between processes as JSON under short manifests. All processes are of one version: a coordinator
/// starts its workers from its own program.
/// </summary>
internal sealed class WireSerializer : SerializerWithStringManifest
{
    /// <summary>Differs from every other serializer's.</summary>
    public const int SerializerIdentifier = 1_347_111;

    private static readonly Dictionary<string, Type> ByManifest = new()
    {
        ["register-device"] = typeof(SweepProtocol.RegisterDevice),
        ["start-trainer"] = typeof(StartTrainer),
        ["trainer-started"] = typeof(TrainerStarted),
        ["pause-trainer"] = typeof(PauseTrainer),
        ["trainer-fenced"] = typeof(TrainerFenced),
        ["are-you-alive"] = typeof(AreYouAlive),
        ["trainer-alive"] = typeof(TrainerAlive),
        ["initialisation-reported"] = typeof(InitialisationReported),
        ["steps-trained"] = typeof(StepsTrained),
        ["snapshot-stored"] = typeof(SnapshotStored),
        ["snapshot-skipped"] = typeof(SnapshotSkipped),
        ["curvature-reported"] = typeof(CurvatureReported),
        ["attempt-diverged"] = typeof(AttemptDiverged),
        ["attempt-finished"] = typeof(AttemptFinished),
        ["attempt-paused"] = typeof(AttemptPaused),
        ["snapshot-unusable"] = typeof(SnapshotUnusable),
        ["trainer-failed"] = typeof(TrainerFailed),
        ["measure-stored"] = typeof(ProbePool.MeasureStored),
        ["measured"] = typeof(ProbePool.Measured),
        ["rate-searched"] = typeof(ProbePool.RateSearched),
        ["not-measured"] = typeof(ProbePool.NotMeasured),
        ["telemetry-record"] = typeof(TelemetryWriter.Record),
        ["telemetry-flush"] = typeof(TelemetryWriter.Flush),
        ["telemetry-flushed"] = typeof(TelemetryWriter.Flushed),
        ["telemetry-rows-lost"] = typeof(TelemetryWriter.RowsLost),
        ["storage-trouble"] = typeof(StorageTrouble),
        ["storage-failed"] = typeof(StorageFailed),
    };

    private static readonly Dictionary<Type, string> ByType = ByManifest.ToDictionary(entry => entry.Value, entry => entry.Key);

    private readonly WireJson _json;

    public WireSerializer(ExtendedActorSystem system)
        : base(system) =>
        _json = new WireJson(new JsonSerializerOptions(WireJson.Default.Options)
        {
            Converters = { new ActorReferenceConverter(system) },
        });

    /// <summary>The types that have a manifest.</summary>
    public static IEnumerable<Type> Types => ByManifest.Values;

    /// <inheritdoc/>
    public override int Identifier => SerializerIdentifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => ByType.TryGetValue(o.GetType(), out string? manifest)
        ? manifest
        : throw new SerializationException($"{o.GetType()} does not pass between processes.");

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), _json);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => ByManifest.TryGetValue(manifest, out Type? type)
        ? JsonSerializer.Deserialize(bytes, type, _json)!
        : throw new SerializationException($"No message is called \"{manifest}\".");
}
