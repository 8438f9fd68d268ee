using Akka.Actor;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Runs;

/// <content>Which snapshots are stored, and what is said of them.</content>
internal sealed partial class Trainer
{
    private bool IsAnchor(int step) =>
        step % _order.Specification.Training.SnapshotEvery == 0 || step == _order.Specification.Training.Steps;

    private SnapshotBuffer Capture(TrainingSession session) =>
        session.Capture(new SnapshotOrigin(_order.Run, _order.Attempt, _order.Epoch));

    private void Store(int step, bool anchor, SnapshotBuffer snapshot)
    {
        _storing++;
        _stored = step;
        if (!_rateMeasurements.Hold(step, anchor, snapshot))
        {
            Write(step, anchor, snapshot);
        }
    }

    private void Write(int step, bool anchor, SnapshotBuffer snapshot) =>
        _services.Store.Tell(new SnapshotStore.Write(
            _order.Run, _order.Epoch, _order.Attempt, step, anchor, snapshot.Retain(), _order.Observation.WhenUnwritable));

    private void OnWritten(SnapshotStore.Written written)
    {
        _storing--;
        // The commit waits until the metrics up to this step are stored too: after a crash training goes on from
        // this step and would never send them again.
        long token = _telemetry.AskForFlush();
        _awaitingFlush[token] = new SnapshotStored(
            _order.Run, _order.Epoch, _order.Attempt, written.Step, written.Anchor, written.Staged, written.Reference);
        Continue();
    }

    /// <summary>Only where the experiment says to go on without.</summary>
    private void OnNotWritten(SnapshotStore.NotWritten failed)
    {
        _storing--;
        _stored = _stored == failed.Step ? -1 : _stored;
        _order.Supervisor.Tell(new SnapshotSkipped(
            _order.Run, _order.Epoch, _order.Attempt, failed.Step, failed.Reason));
        Continue();
    }
}
