namespace CurvatureActors.Actors.ReadModel;

/// <summary>An experiment of a state directory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="AcceptedAt">When its present form was accepted, UTC.</param>
/// <param name="Runs">Its runs in order.</param>
public sealed record ExperimentView(string Name, DateTimeOffset AcceptedAt, IReadOnlyList<RunView> Runs)
{
    /// <summary>Study that its report draws and judges; null for none.</summary>
    public string? Study { get; init; }
}
