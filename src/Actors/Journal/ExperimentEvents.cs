using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Journal;

/// <summary>The experiment as asked for. A later one replaces an earlier: its runs are what is trained from then on.</summary>
/// <param name="Name">The experiment's name.</param>
/// <param name="Runs">Its runs in order.</param>
/// <param name="Options">How it is observed and kept.</param>
/// <param name="At">When, UTC.</param>
public sealed record ExperimentAccepted(
    string Name, IReadOnlyList<AcceptedRun> Runs, ExperimentOptions Options, DateTimeOffset At) : IExperimentEvent;

/// <summary>A run as the experiment asks for it.</summary>
/// <param name="Run">Identity, 12 hex digits.</param>
/// <param name="Name">Readable name.</param>
/// <param name="Parameters">What the sweep varied.</param>
/// <param name="Specification">Everything that decides its trajectory.</param>
public sealed record AcceptedRun(
    string Run, string Name, IReadOnlyDictionary<string, string> Parameters, RunSpecification Specification);

/// <summary>
/// A run reached a terminal state. The run's own journal says so first; this copy spares the sweep from waking
/// every finished run when it resumes.
/// </summary>
/// <param name="Run">Identity.</param>
/// <param name="State">Terminal state.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunConcluded(string Run, RunStatus State, DateTimeOffset At) : IExperimentEvent;
