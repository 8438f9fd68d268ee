using System.Diagnostics;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>Measures the time from a fault to the next slice of steps that the side log shows.</summary>
/// <param name="trial">Whose side log.</param>
/// <param name="tally">Gets the times.</param>
internal sealed class RecoveryClock(Trial trial, Tally tally)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(30);

    private long? _faultAt;
    private long _lookedAt;
    private int[] _dead = [];
    private int _slicesThen;
    private HashSet<string>? _affected;

    /// <summary>A fault happened now.</summary>
    /// <param name="dead">Processes whose slices do not count, however late they are noted; null: all known so far.</param>
    /// <param name="affected">The runs it hit; null or none: any run that goes on counts.</param>
    public void Start(int[]? dead = null, HashSet<string>? affected = null)
    {
        _affected = affected is { Count: > 0 } ? affected : null;
        _dead = dead ?? [.. trial.SideLog.Select(log => log.Process)];
        _slicesThen = Slices();
        _faultAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Looks whether training goes on.</summary>
    public void Look()
    {
        if (_faultAt is not { } since || Stopwatch.GetElapsedTime(_lookedAt) < LookEvery)
        {
            return;
        }

        _lookedAt = Stopwatch.GetTimestamp();
        if (Slices() > _slicesThen)
        {
            tally.Recovered(Stopwatch.GetElapsedTime(since));
            _faultAt = null;
        }
    }

    private int Slices() => trial.SideLog
        .Where(log => !_dead.Contains(log.Process) && (_affected is null || _affected.Contains(log.Run)))
        .Sum(log => log.Slices.Count);
}
