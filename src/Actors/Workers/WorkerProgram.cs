namespace CurvatureActors.Actors.Workers;

/// <summary>How a worker process is started.</summary>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">Its arguments; it reads its <see cref="WorkerInvitation"/> from standard input.</param>
public sealed record WorkerProgram(string FileName, IReadOnlyList<string> Arguments);
