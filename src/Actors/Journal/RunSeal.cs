using System.Text.Json.Serialization;

namespace CurvatureActors.Actors.Journal;

/// <summary>
/// What a finished run left, as it was at its end: who reads it later can tell whether a value has changed since.
/// </summary>
/// <param name="Journal">Of the run's rows in the journal, its end included.</param>
/// <param name="Telemetry">Of its rows in telemetry by table. The measurements are those that were there at the end.</param>
public sealed record RunSeal(RowDigest Journal, IReadOnlyDictionary<string, RowDigest> Telemetry)
{
    /// <summary>What telemetry should have had by the journal and had not, so that the digests are of less; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MissingRows>? Missing { get; init; }
}

/// <summary>Rows and a digest of them.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Sha256">SHA-256, 64 lower-case hex digits.</param>
public sealed record RowDigest(long Rows, string Sha256)
{
    /// <summary>Of no rows.</summary>
    public static RowDigest None { get; } =
        new(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
