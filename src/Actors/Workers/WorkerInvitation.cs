using System.Text.Json;
using System.Text.Json.Serialization;

namespace CurvatureActors.Actors.Workers;

/// <summary>
/// What a worker process is told when it is started: one line of JSON on its standard input, which stays open as long as
/// the coordinator lives. It holds the run's secret, so it is neither an argument nor in the environment.
/// </summary>
public sealed record WorkerInvitation
{
    /// <summary>Name of the worker, <c>worker-1</c> and so on.</summary>
    public required string Name { get; init; }

    /// <summary>Address of the coordinator's actor system.</summary>
    public required string Coordinator { get; init; }

    /// <summary>The shared certificate, PKCS#12.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>Devices of this worker, one trainer each.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>Native threads per trainer.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether to set the C library's allocator.</summary>
    public required bool TuneAllocator { get; init; }

    /// <summary>Hessian probes of this worker.</summary>
    public required int ProbeWorkers { get; init; }

    /// <summary>Time of one measurement after which its probe counts as hung.</summary>
    public required TimeSpan MeasurementHangAfter { get; init; }

    /// <summary>Bytes that the graphs which its probes keep may take together.</summary>
    public required long GraphMemory { get; init; }

    /// <summary>Absolute path of the state directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>How long a snapshot that cannot be written is tried again.</summary>
    public required TimeSpan StoragePatience { get; init; }

    /// <summary>The experiment's own <c>akka</c> section.</summary>
    public required string AkkaOverrides { get; init; }

    /// <summary>One line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, WorkerInvitationJson.Default.WorkerInvitation);

    /// <summary>What <see cref="ToLine"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static WorkerInvitation FromLine(string line) =>
        JsonSerializer.Deserialize(line, WorkerInvitationJson.Default.WorkerInvitation)
        ?? throw new JsonException("The invitation is empty.");
}

/// <summary>JSON of <see cref="WorkerInvitation"/>.</summary>
[JsonSerializable(typeof(WorkerInvitation))]
internal sealed partial class WorkerInvitationJson : JsonSerializerContext;
