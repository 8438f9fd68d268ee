using System.Diagnostics;
using Akka.Actor;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Runs;

/// <content>The phases of the initialisation, in slices like training.</content>
internal sealed partial class Trainer
{
    private SnapshotPhase? _storedPhase;

    /// <summary>
    /// A slice of the initialisation, where that is not done: it ends early after a snapshot that has to wait.
    /// </summary>
    /// <returns>Whether training may begin in this slice.</returns>
    private bool Initialise(TrainingSession session)
    {
        InitialisationProgress? newest = null;
        long started = Stopwatch.GetTimestamp();
        while (!session.Initialised && !Blocked)
        {
            newest = session.AdvanceInitialisation() ?? newest;
            if (session.Phase is { } phase && phase.Step % _order.Specification.Training.SnapshotEvery == 0)
            {
                StorePhase(session);
            }

            if (Stopwatch.GetElapsedTime(started) >= _order.Observation.Slice)
            {
                break;
            }
        }

        if (newest is null)
        {
            return true;
        }

        NoteSlice(started);
        _order.Supervisor.Tell(new InitialisationReported(
            _order.Run, _order.Epoch, _order.Attempt, newest.Phase, newest.Step, newest.Steps));
        return false;
    }

    /// <summary>Whether a pause falls into a phase; before the first it makes one step of it, not all.</summary>
    private static bool PausesInPhase(TrainingSession session)
    {
        if (session.Phase is null)
        {
            _ = session.AdvanceInitialisation();
        }

        return session.Phase is not null;
    }

    /// <summary>
    /// A snapshot that the run can go on from but that no rollback may land on: its parameters are not those of step 0.
    /// </summary>
    private void StorePhase(TrainingSession session)
    {
        if (_storedPhase == session.Phase)
        {
            return;
        }

        _storedPhase = session.Phase;
        _storing++;
        using SnapshotBuffer snapshot = Capture(session);
        Write(session.Step, anchor: false, snapshot);
    }
}
