namespace CurvatureActors.Actors.Journal;

/// <summary>How experiments and runs are named in the journal.</summary>
public static class PersistenceIds
{
    private const string ExperimentPrefix = "experiment-";
    private const string RunPrefix = "run-";

    /// <summary>The persistence id of an experiment.</summary>
    public static string Experiment(string name) => ExperimentPrefix + name;

    /// <summary>The persistence id of a run.</summary>
    public static string Run(string run) => RunPrefix + run;

    /// <summary>The run that a persistence id belongs to; null if it is not a run's.</summary>
    public static string? RunOf(string persistenceId) => Rest(persistenceId, RunPrefix);

    /// <summary>The experiment that a persistence id belongs to; null if it is not an experiment's.</summary>
    public static string? ExperimentOf(string persistenceId) => Rest(persistenceId, ExperimentPrefix);

    private static string? Rest(string persistenceId, string prefix)
    {
        ArgumentNullException.ThrowIfNull(persistenceId);
        return persistenceId.StartsWith(prefix, StringComparison.Ordinal) ? persistenceId[prefix.Length..] : null;
    }
}
