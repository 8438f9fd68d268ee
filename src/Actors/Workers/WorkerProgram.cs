namespace CurvatureActors.Actors.Workers;

/// <summary>How a worker process is started.</summary>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">Its arguments; it reads its <see cref="WorkerInvitation"/> from standard input.</param>
public sealed record WorkerProgram(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Environment variables that it gets where this process has none of that name.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
