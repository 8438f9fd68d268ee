using System.Text.Json.Serialization;

namespace CurvatureActors.Actors.Runs;

/// <summary>Where a run stands; the last four are final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>Not being trained; waits for a device.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>Being trained.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Diverged; a remedy is being chosen or loaded.</summary>
    [JsonStringEnumMemberName("recovering")]
    Recovering,

    /// <summary>Interrupted on request, with a snapshot to go on from.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>Trained to its last step.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Diverged, with no restart left.</summary>
    [JsonStringEnumMemberName("diverged")]
    Diverged,

    /// <summary>Ended by an error that is not divergence.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Ended on request.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,
}

/// <summary>Questions about <see cref="RunStatus"/>.</summary>
public static class RunStatusExtensions
{
    /// <summary>Whether the run will never be trained again.</summary>
    public static bool IsTerminal(this RunStatus status) => status >= RunStatus.Completed;

    /// <summary>The name that people and JSON see.</summary>
    public static string Word(this RunStatus status) => status switch
    {
        RunStatus.Pending => "pending",
        RunStatus.Running => "running",
        RunStatus.Recovering => "recovering",
        RunStatus.Paused => "paused",
        RunStatus.Completed => "completed",
        RunStatus.Diverged => "diverged",
        RunStatus.Failed => "failed",
        _ => "stopped",
    };
}
