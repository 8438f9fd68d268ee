using Akka.Actor;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>
/// Plays everybody around a trainer: its supervisor, the store, telemetry and the probes. These measure at once, but may
/// keep a value until the trainer has made every update that does not need it.
/// </summary>
internal sealed class TrainerSurroundings : ReceiveActor
{
    private readonly Seen _seen;
    private readonly List<(int From, ProbePool.Measured Answer)> _kept = [];
    private int _reached;
    private bool _pausing;

    public TrainerSurroundings(RunSpecification run, SnapshotFolder folder, Seen seen)
    {
        _seen = seen;
        var probe = new CurvatureProbe(run, DataSets.Load(run.Data).Train);
        Receive<ProbePool.Measure>(asked =>
        {
            using (asked.Snapshot)
            {
                if (asked.Step == seen.FailAt)
                {
                    Sender.Tell(new ProbePool.NotMeasured(asked.Run, asked.Step, "it was told to"));
                    return;
                }

                if (asked.Step == seen.PauseAt)
                {
                    Sender.Tell(PauseTrainer.Instance);
                    _pausing = true;
                }

                CurvatureMeasurement measured = probe.Measure(asked.Snapshot);
                _kept.Add((run.Schedule.StabilityCap!.LimitsFrom(asked.Step, seen.AttemptFrom), new(asked.Run, measured)));
                Answer(Sender);
            }
        });
        Receive<StepsTrained>(trained =>
        {
            seen.Steps.AddRange(trained.Metrics);
            _reached = trained.Metrics.Count > 0 ? trained.Metrics[^1].Step + 1 : _reached;
            Answer(Sender);
        });
        Receive<SnapshotStore.Write>(write =>
        {
            using (write.Snapshot)
            {
                var reference = new SnapshotReference(
                    SnapshotFolder.FileOf(write.Run, write.Attempt, write.Step), write.Snapshot.Sha256, write.Snapshot.Length);
                string staged = folder.Stage(write.Run, write.Epoch, write.Attempt, write.Step, write.Snapshot);
                folder.Publish(staged, reference.File);
                seen.Snapshots.Add(write.Step, reference);
                Sender.Tell(new SnapshotStore.Written(write.Step, write.Anchor, staged, reference));
            }
        });
        Receive<TelemetryWriter.Flush>(flush => Sender.Tell(new TelemetryWriter.Flushed(flush.Token)));
        Receive<TelemetryWriter.Record>(record => seen.Measurements.AddRange(record.Rows.OfType<MeasurementRow>()));
        Receive<ProbePool.Cancel>(_ => seen.Cancels++);
        Receive<IAttemptEnd>(end => seen.End.TrySetResult(end));
        ReceiveAny(_ => { });

        void Answer(IActorRef trainer)
        {
            bool all = !seen.Late || _pausing || _reached == run.Training.Steps;
            foreach ((int From, ProbePool.Measured Answer) kept in _kept.Where(kept => all || kept.From <= _reached).ToArray())
            {
                _ = _kept.Remove(kept);
                trainer.Tell(kept.Answer);
            }
        }
    }

    /// <summary>What is played, and what came of it; complete once the attempt has ended.</summary>
    internal sealed class Seen
    {
        public bool Late { get; init; }

        public int AttemptFrom { get; init; }

        public int FailAt { get; init; } = -1;

        public int PauseAt { get; init; } = -1;

        public List<StepMetrics> Steps { get; } = [];

        public List<MeasurementRow> Measurements { get; } = [];

        public Dictionary<int, SnapshotReference> Snapshots { get; } = [];

        public int Cancels { get; set; }

        public TaskCompletionSource<IAttemptEnd> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
