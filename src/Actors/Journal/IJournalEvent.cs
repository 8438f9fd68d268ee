namespace CurvatureActors.Actors.Journal;

/// <summary>
/// What the journal holds. Each event is written under a manifest that stays for ever (see
/// <see cref="JournalSerializer"/>); new fields need defaults, an incompatible change needs a new manifest.
/// </summary>
public interface IJournalEvent
{
    /// <summary>When it happened, UTC.</summary>
    DateTimeOffset At { get; }
}

/// <summary>An event of one run.</summary>
public interface IRunEvent : IJournalEvent;

/// <summary>An event of one experiment.</summary>
public interface IExperimentEvent : IJournalEvent;
