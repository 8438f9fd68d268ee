using System.Text.Json.Serialization;

namespace CurvatureActors.Actors.Hosting;

/// <summary>The process that holds a state directory, as <c>lock.json</c> names it.</summary>
/// <param name="ProcessId">Its process id.</param>
/// <param name="Machine">Its machine.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="Command">Its command line.</param>
public sealed record StateDirectoryHolder(int ProcessId, string Machine, DateTimeOffset Since, string Command)
{
    /// <summary>Somebody holds the directory, and <c>lock.json</c> does not say who.</summary>
    public static StateDirectoryHolder Unknown { get; } = new(0, "", DateTimeOffset.MinValue, "");

    /// <summary>Whether it is known who holds it.</summary>
    [JsonIgnore]
    public bool IsKnown => ProcessId != 0;

    /// <summary>Who it is, in words.</summary>
    [JsonIgnore]
    public string Who => IsKnown
        ? $"process {ProcessId} on {Machine}"
        : "a program that lock.json in it does not name (it was removed, or cannot be read)";

    /// <summary>Address of its control API on its machine; null until it listens.</summary>
    [JsonPropertyName("address")]
    public Uri? Address { get; init; }

    /// <summary>Path of the file with the secret of its control API, which only its user may read; null until it listens.</summary>
    [JsonPropertyName("token")]
    public string? Token { get; init; }

    /// <summary>The address under the name that earlier versions wrote.</summary>
    [JsonInclude]
    [JsonPropertyName("Control")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    private Uri? Control
    {
        get => null;
        init => Address ??= value;
    }
}
