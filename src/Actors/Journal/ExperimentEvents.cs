using System.Text.Json.Serialization;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Journal;

/// <summary>
/// The experiment as asked for, complete, so that it can be resumed without its file. A later one replaces an
/// earlier: its runs are what is trained from then on.
/// </summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="At">When, UTC.</param>
public sealed record ExperimentAccepted(ExperimentSpecification Experiment, DateTimeOffset At) : IExperimentEvent;

/// <summary>
/// A run reached a terminal state. The run's own journal says so first; this copy spares the sweep from waking
/// every finished run when it resumes.
/// </summary>
/// <param name="Run">Identity.</param>
/// <param name="State">Terminal state.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunConcluded(string Run, RunStatus State, DateTimeOffset At) : IExperimentEvent
{
    /// <summary>What it left; null where an earlier version wrote this, or where it could not be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunSeal? Seal { get; init; }
}
