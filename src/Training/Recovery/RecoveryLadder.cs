using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// Which remedy comes next. A pure function of the remedies used so far; these live in the journal, where a rollback
/// cannot refund them.
/// </summary>
public sealed class RecoveryLadder
{
    private readonly int _budget;
    private readonly Rung[] _rungs;

    /// <summary>The ladder of a run.</summary>
    /// <exception cref="ArgumentException">It names a remedy that is not registered.</exception>
    public RecoveryLadder(RecoverySpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        _budget = specification.Enabled ? specification.Budget : 0;
        _rungs = [.. specification.Ladder.Select((name, position) => new Rung(name, Remedies.All[name], position))];
    }

    /// <summary>
    /// The rung above the one last used; the last rung repeats. Null when the budget is used up, recovery is off or the
    /// ladder has no rungs.
    /// </summary>
    /// <param name="used">Names of the remedies so far, in order; rungs between them were skipped.</param>
    public Rung? Next(IReadOnlyList<string> used)
    {
        ArgumentNullException.ThrowIfNull(used);
        if (used.Count >= _budget || _rungs.Length == 0)
        {
            return null;
        }

        int next = 0;
        foreach (string name in used)
        {
            next = Above(_rungs.FirstOrDefault(rung => rung.Position >= next && rung.Name == name)?.Position ?? next);
        }

        return _rungs[next];
    }

    /// <summary>The first rung above one that lowers the rate; null when there is none.</summary>
    public Rung? Lowering(Rung rung)
    {
        ArgumentNullException.ThrowIfNull(rung);
        return _rungs.FirstOrDefault(other => other.Position > rung.Position && other.Remedy.LowersRate);
    }

    /// <summary>
    /// What the rung's remedy does, or, where the peak rate that it would keep is hopeless, that of the first rung above it
    /// that lowers it.
    /// </summary>
    public RemedyDecision Decide(Rung rung, RecoveryContext context)
    {
        ArgumentNullException.ThrowIfNull(rung);
        if (!rung.Remedy.LowersRate && Lowering(rung) is { } lowering && HopelessRate.Reason(context) is { } hopeless)
        {
            RemedyDecision decision = lowering.Remedy.Choose(context);
            return decision with { Reason = $"{hopeless} That is hopeless for {rung.Name}. {decision.Reason}" };
        }

        return rung.Remedy.Choose(context);
    }

    private int Above(int position) => Math.Min(position + 1, _rungs.Length - 1);

    /// <summary>A rung.</summary>
    /// <param name="Name">Name of its remedy.</param>
    /// <param name="Remedy">The remedy.</param>
    /// <param name="Position">Rungs below it.</param>
    public sealed record Rung(string Name, IRemedy Remedy, int Position);
}
