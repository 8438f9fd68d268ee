using System.Text.Json.Serialization;

namespace CurvatureActors.Actors.Configuration;

/// <summary>How the program runs, whatever it trains.</summary>
/// <param name="TuneAllocator">Set the C library's allocator so that freed native memory goes back to the system.</param>
/// <param name="Slice">Time that one slice of steps aims at; between slices a trainer hears its messages.</param>
/// <param name="TelemetryFlush">Longest time that per-step metrics wait before they are written.</param>
public sealed record RuntimeOptions(bool TuneAllocator, TimeSpan Slice, TimeSpan TelemetryFlush)
{
    /// <summary>Silence after which a trainer counts as hung; never less than twenty times its slowest slice so far.</summary>
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time of one measurement after which its probe counts as hung; never less than twenty times the longest so far.</summary>
    public TimeSpan MeasurementHangAfter { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>How long storage that is locked, full or out of reach is waited for before the program ends, to be resumed.</summary>
    public TimeSpan StoragePatience { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>
    /// How long a worker process that was given up and lives on may take to end by itself before it is killed; null for
    /// <see cref="UsualWorkerGrace"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? WorkerGrace { get; init; }

    /// <summary>A minute.</summary>
    public static TimeSpan UsualWorkerGrace { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Folder in which each trainer notes its start, slices and end; null for none.</summary>
    public string? Audit { get; init; }
}
