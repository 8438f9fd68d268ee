using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// Which remedy comes next. A pure function of the restarts used so far; that number lives in the journal, where a
/// rollback cannot refund it.
/// </summary>
public sealed class RecoveryLadder
{
    private readonly int _budget;
    private readonly (string Name, IRemedy Remedy)[] _rungs;

    /// <summary>The ladder of a run.</summary>
    /// <exception cref="ArgumentException">It names a remedy that is not registered.</exception>
    public RecoveryLadder(RecoverySpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        _budget = specification.Enabled ? specification.Budget : 0;
        _rungs = [.. specification.Ladder.Select(name => (name, Remedies.All[name]))];
    }

    /// <summary>
    /// The remedy after so many restarts; the last rung repeats. Null when the budget is used up, recovery is off or
    /// the ladder has no rungs.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of restarts is negative.</exception>
    public (string Name, IRemedy Remedy)? Next(int restartsUsed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(restartsUsed);
        return restartsUsed < _budget && _rungs.Length > 0 ? _rungs[Math.Min(restartsUsed, _rungs.Length - 1)] : null;
    }
}
