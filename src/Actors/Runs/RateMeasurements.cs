using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// The measurements that an attempt's learning rates rest on (<see cref="StabilityCap"/>) while they are under way, and
/// the snapshots that wait for them. A snapshot is stored only with every measurement of an earlier step in it: whoever
/// goes on from it has nothing to measure again, and comes to the same rates.
/// </summary>
/// <remarks>Not for use by several threads. Holds leases of the snapshots that wait.</remarks>
internal sealed class RateMeasurements
{
    private readonly Dictionary<int, int> _underWay = [];
    private readonly Queue<Held> _held = [];

    /// <summary>A measurement is asked for.</summary>
    /// <param name="step">Step of its snapshot.</param>
    /// <param name="from">First update that it limits.</param>
    public void Asked(int step, int from) => _underWay[step] = from;

    /// <summary>Whether the update at a step has to wait for a value.</summary>
    public bool Block(int step) => _underWay.Values.Any(from => from <= step);

    /// <summary>There will be no value.</summary>
    /// <returns>Whether the rates rest on it.</returns>
    public bool Failed(int step) => _underWay.Remove(step);

    /// <summary>A value has come.</summary>
    /// <param name="step">Step of its snapshot.</param>
    /// <param name="sharpness">What the optimizer's threshold is about; null where there is none yet.</param>
    /// <returns>What follows for the rates; null where they do not rest on it.</returns>
    public StabilityLimit? Measured(int step, double? sharpness)
    {
        if (!_underWay.Remove(step, out int from))
        {
            return null;
        }

        var limit = new StabilityLimit(step, from, sharpness);
        foreach (Held held in _held.Where(held => held.Step > step))
        {
            held.Limits.Add(limit);
        }

        return limit;
    }

    /// <summary>Keeps a snapshot while a measurement of an earlier step is under way.</summary>
    /// <returns>False where there is none: it can be stored as it is.</returns>
    public bool Hold(int step, bool anchor, SnapshotBuffer snapshot)
    {
        if (!Waits(step))
        {
            return false;
        }

        _held.Enqueue(new Held(step, anchor, snapshot.Retain(), []));
        return true;
    }

    /// <summary>The snapshots that wait for nothing any more, oldest first; the caller disposes them.</summary>
    public IEnumerable<(int Step, bool Anchor, SnapshotBuffer Snapshot)> Released()
    {
        while (_held.TryPeek(out Held? held) && !Waits(held.Step))
        {
            _ = _held.Dequeue();
            using (held.Snapshot)
            {
                yield return (held.Step, held.Anchor, held.Snapshot.WithLimits(held.Limits));
            }
        }
    }

    /// <summary>Gives back the leases of the snapshots that wait.</summary>
    public void GiveUp()
    {
        foreach (Held held in _held)
        {
            held.Snapshot.Dispose();
        }

        _held.Clear();
    }

    private bool Waits(int step) => _underWay.Keys.Any(measured => measured < step);

    private sealed record Held(int Step, bool Anchor, SnapshotBuffer Snapshot, List<StabilityLimit> Limits);
}
