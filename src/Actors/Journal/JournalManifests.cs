using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CurvatureActors.Actors.Journal;

/// <summary>Which manifest stands for which event, and its JSON. Manifests are never renamed or removed.</summary>
public static class JournalManifests
{
    private static readonly Entry[] Entries =
    [
        new("experiment-accepted/1", typeof(ExperimentAccepted), JournalJson.Default.ExperimentAccepted),
        new("run-concluded/1", typeof(RunConcluded), JournalJson.Default.RunConcluded),
        new("run-claimed/1", typeof(RunClaimed), JournalJson.Default.RunClaimed),
        new("attempt-started/1", typeof(AttemptStarted), JournalJson.Default.AttemptStarted),
        new("snapshot-committed/1", typeof(SnapshotCommitted), JournalJson.Default.SnapshotCommitted),
        new("snapshot-rejected/1", typeof(SnapshotRejected), JournalJson.Default.SnapshotRejected),
        new("curvature-measured/1", typeof(CurvatureMeasured), JournalJson.Default.CurvatureMeasured),
        new("critical-rate-measured/1", typeof(CriticalRateMeasured), JournalJson.Default.CriticalRateMeasured),
        new("divergence-detected/1", typeof(DivergenceDetected), JournalJson.Default.DivergenceDetected),
        new("remedy-chosen/1", typeof(RemedyChosen), JournalJson.Default.RemedyChosen),
        new("trainer-lost/1", typeof(TrainerLost), JournalJson.Default.TrainerLost),
        new("run-paused/1", typeof(RunPaused), JournalJson.Default.RunPaused),
        new("run-completed/1", typeof(RunCompleted), JournalJson.Default.RunCompleted),
        new("run-diverged/1", typeof(RunDiverged), JournalJson.Default.RunDiverged),
        new("run-failed/1", typeof(RunFailed), JournalJson.Default.RunFailed),
        new("run-stopped/1", typeof(RunStopped), JournalJson.Default.RunStopped),
    ];

    private static readonly Dictionary<string, Entry> ByManifest = Entries.ToDictionary(entry => entry.Manifest);
    private static readonly Dictionary<Type, Entry> ByType = Entries.ToDictionary(entry => entry.Type);

    /// <summary>All manifests.</summary>
    public static IEnumerable<string> All => ByManifest.Keys;

    /// <summary>Whether this version knows a manifest.</summary>
    public static bool Knows(string manifest) => ByManifest.ContainsKey(manifest);

    /// <summary>The manifest of an event.</summary>
    /// <exception cref="ArgumentException">The type is not of the journal.</exception>
    public static string Of(object journalEvent)
    {
        ArgumentNullException.ThrowIfNull(journalEvent);
        return Find(journalEvent.GetType()).Manifest;
    }

    /// <summary>UTF-8 JSON of an event.</summary>
    public static byte[] Encode(object journalEvent)
    {
        ArgumentNullException.ThrowIfNull(journalEvent);
        return JsonSerializer.SerializeToUtf8Bytes(journalEvent, Find(journalEvent.GetType()).Json);
    }

    /// <summary>The event that <see cref="Encode"/> wrote.</summary>
    /// <exception cref="ArgumentException">The manifest is unknown: a newer version wrote this journal.</exception>
    /// <exception cref="JsonException">The bytes are damaged.</exception>
    public static IJournalEvent Decode(ReadOnlySpan<byte> bytes, string manifest) =>
        ByManifest.TryGetValue(manifest, out Entry? entry)
            ? (IJournalEvent)JsonSerializer.Deserialize(bytes, entry.Json)!
            : throw new ArgumentException(
                $"The journal holds an event \"{manifest}\" that this version does not know; a newer version wrote it.");

    private static Entry Find(Type type) => ByType.TryGetValue(type, out Entry? entry)
        ? entry
        : throw new ArgumentException($"{type} is not an event of the journal.");

    private sealed record Entry(string Manifest, Type Type, JsonTypeInfo Json);
}
