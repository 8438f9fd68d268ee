namespace CurvatureActors.Actors.Workers;

/// <summary>Worker processes of an experiment.</summary>
/// <param name="Count">How many, at least 1 and at most one per device.</param>
/// <param name="Program">How one is started.</param>
public sealed record WorkerOptions(int Count, WorkerProgram Program)
{
    /// <summary>Deals out devices in turn, so that the shares differ by one at most.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Share(IReadOnlyList<string> devices) =>
        [.. Enumerable.Range(0, Count).Select(worker => devices.Where((_, index) => index % Count == worker).ToArray())];
}
