namespace CurvatureActors.Actors.Configuration;

/// <summary>What happens when probes fall behind the trainer.</summary>
public enum ProbePolicy
{
    /// <summary>Older snapshots that still wait are dropped and counted; the default.</summary>
    Latest,

    /// <summary>The trainer waits, so that every measurement is made; for figures.</summary>
    Every,

    /// <summary>Snapshots wait in line; nothing is dropped and nobody waits, at the price of memory.</summary>
    Queue,
}
