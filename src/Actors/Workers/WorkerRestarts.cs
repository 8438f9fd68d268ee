namespace CurvatureActors.Actors.Workers;

/// <summary>
/// When a worker that has ended is started again. One that was at work: at once, since what its runs may cost is their own
/// crash budget. One that never joined: later each time, and not for ever.
/// </summary>
internal sealed class WorkerRestarts
{
    /// <summary>Starts in a row that ended by themselves without joining: libraries that cannot be loaded stay so.</summary>
    public const int MostFailedStarts = 5;

    /// <summary>Starts in a row that were killed before they joined: somebody else did it, and may stop.</summary>
    public const int MostKilledStarts = 20;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private bool _joined;
    private int _failed;
    private int _killed;

    /// <summary>A new process has been started.</summary>
    public void Started() => _joined = false;

    /// <summary>It has joined.</summary>
    public void Joined()
    {
        _joined = true;
        _failed = 0;
        _killed = 0;
    }

    /// <summary>It has ended.</summary>
    /// <param name="killed">Whether by a signal that is sent from outside.</param>
    /// <returns>How long to wait before the next one is started; null to give up.</returns>
    public TimeSpan? Ended(bool killed)
    {
        if (_joined)
        {
            return First;
        }

        int starts = killed ? ++_killed : ++_failed;
        return starts >= (killed ? MostKilledStarts : MostFailedStarts)
            ? null
            : TimeSpan.FromSeconds(Math.Min(First.TotalSeconds * Math.Pow(2, _failed + _killed - 1), Longest.TotalSeconds));
    }
}
