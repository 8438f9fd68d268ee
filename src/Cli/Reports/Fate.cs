using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli.Reports;

/// <summary>What became of a run, as a reader of the report asks for it.</summary>
internal enum Fate
{
    /// <summary>Completed with what it was asked to train with.</summary>
    Completed,

    /// <summary>Diverged at least once, and completed after a remedy.</summary>
    Rescued,

    /// <summary>Diverged with no restart left.</summary>
    Diverged,

    /// <summary>Ended by an error.</summary>
    Failed,

    /// <summary>Ended on request.</summary>
    Stopped,

    /// <summary>Not at its end yet.</summary>
    Unfinished,
}

/// <summary>Questions about <see cref="Fate"/>.</summary>
internal static class Fates
{
    /// <summary>The fate of a run in this state.</summary>
    public static Fate Of(RunStatus status, int restarts) => status switch
    {
        RunStatus.Completed => restarts > 0 ? Fate.Rescued : Fate.Completed,
        RunStatus.Diverged => Fate.Diverged,
        RunStatus.Failed => Fate.Failed,
        RunStatus.Stopped => Fate.Stopped,
        _ => Fate.Unfinished,
    };

    /// <summary>The name that people see.</summary>
    public static string Word(this Fate fate) => fate switch
    {
        Fate.Completed => "completed",
        Fate.Rescued => "rescued",
        Fate.Diverged => "diverged",
        Fate.Failed => "failed",
        Fate.Stopped => "stopped",
        _ => "unfinished",
    };
}
