using System.Diagnostics;

namespace CurvatureActors.Cli.Display;

/// <summary>
/// How fast a run is going of late. A mean over the whole attempt would count the first steps, which are measured one
/// by one, far too long.
/// </summary>
internal sealed class Pace
{
    /// <summary>How far back the estimate looks.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    private readonly Queue<(long At, int Step)> _seen = new();
    private int _attempt;

    /// <summary>The run is at this step now.</summary>
    public void Observe(int attempt, int step)
    {
        if (attempt != _attempt)
        {
            _attempt = attempt;
            _seen.Clear();
        }

        _seen.Enqueue((Stopwatch.GetTimestamp(), step));
        while (_seen.Count > 2 && Stopwatch.GetElapsedTime(_seen.Peek().At) > Window)
        {
            _seen.Dequeue();
        }
    }

    /// <summary>How long so many more steps will take; null while that is not known.</summary>
    public TimeSpan? TimeFor(int steps)
    {
        if (_seen.Count < 2)
        {
            return null;
        }

        (long at, int first) = _seen.Peek();
        int made = _seen.Last().Step - first;
        return made > 0 ? Stopwatch.GetElapsedTime(at) * ((double)steps / made) : null;
    }
}
