using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <content>What is measured, what comes back, and what of it the learning rates rest on.</content>
internal sealed partial class Trainer
{
    /// <summary>Measurements under way before the trainer waits, when none may be dropped.</summary>
    private const int MostQueued = 16;

    private readonly RateMeasurements _rateMeasurements = new();
    private int _measuring;
    private bool _waitingForMeasurement;

    /// <summary>Whether the learning rates rest on what is measured.</summary>
    private bool Capped => _order.Specification.Schedule.StabilityCap is not null;

    /// <summary>A measurement that the rates rest on is never dropped, nor is one that could take its place.</summary>
    private ProbePolicy Policy => _order.Observation.Probe.Policy is var policy && policy == ProbePolicy.Latest && Capped
        ? ProbePolicy.Queue
        : policy;

    private bool BlockedByMeasurement =>
        _waitingForMeasurement
        || (Policy == ProbePolicy.Queue && _measuring >= MostQueued)
        || (_session is { } session && _rateMeasurements.Block(session.Step));

    /// <summary>
    /// Nobody needs the measurements that wait any more; where a snapshot waits for one, which of them are made must not
    /// depend on how far the probes have come.
    /// </summary>
    private void GiveUpMeasurements()
    {
        if (!Capped)
        {
            _services.Probes.Tell(new ProbePool.Cancel(_order.Run));
        }
    }

    private void Measure(DueMeasurements due, SnapshotBuffer snapshot)
    {
        int step = snapshot.Header.Step;
        _measuring++;
        _waitingForMeasurement = due.TrainerWaits;
        if (due.LimitsFrom is { } from)
        {
            _rateMeasurements.Asked(step, from);
        }

        _services.Probes.Tell(new ProbePool.Measure(_order.Run, _order.Specification, step, Policy, snapshot.Retain())
        {
            Lambda1 = due.Lambda1,
            Kinds = due.Kinds,
        });
    }

    /// <summary>At a step that is trained again, of which only the rates are wanted.</summary>
    private void MeasureAgain(TrainingSession session)
    {
        var due = DueMeasurements.At(
            session.Step, _order.AttemptFromAt(session.Step), _order.Specification,
            _order.Observation.Probe with { Kinds = null });
        if (due.LimitsFrom is not null)
        {
            using SnapshotBuffer snapshot = Capture(session);
            Measure(due, snapshot);
        }
    }

    private void OnMeasured(ProbePool.Measured measured)
    {
        CurvatureMeasurement measurement = LimitRates(measured.Measurement);
        if (measurement.Step >= _order.FromStep)
        {
            int lag = Math.Max(0, (_session?.Step ?? measurement.Step) - measurement.Step);
            _telemetry.Record([new MeasurementRow(_order.Run, _order.Attempt, lag, measurement)]);
            _order.Supervisor.Tell(new CurvatureReported(_order.Run, _order.Epoch, _order.Attempt, measurement, lag));
        }

        Record(measured.Kinds);
        MeasurementEnded();
    }

    /// <summary>What the measurement means for the rates; with its own step's rate where it decides on that.</summary>
    private CurvatureMeasurement LimitRates(CurvatureMeasurement measurement)
    {
        OptimizerSpecification optimizer = _order.Specification.Optimizer;
        if (_rateMeasurements.Measured(measurement.Step, StabilityCap.Sharpness(measurement, optimizer)) is not { } limit)
        {
            return measurement;
        }

        TrainingSession session = _session!;
        session.Limit(limit);
        foreach ((int step, bool anchor, SnapshotBuffer snapshot) in _rateMeasurements.Released())
        {
            using (snapshot)
            {
                Write(step, anchor, snapshot);
            }
        }

        return limit.From == measurement.Step && session.Step == measurement.Step
            ? StabilityCap.AtRate(measurement, session.NextLearningRate, optimizer)
            : measurement;
    }

    /// <summary>
    /// A missing value costs the observer that value. Where the rates rest on it, going on without would be another
    /// run: the attempt is made again from its last snapshot, as often as <c>recovery.crash-budget</c> allows.
    /// </summary>
    private void OnNotMeasured(ProbePool.NotMeasured failed)
    {
        if (_rateMeasurements.Failed(failed.Step) && failed.Step < _order.Specification.Training.Steps)
        {
            Fail(
                $"the curvature at step {failed.Step}, which schedule.max-stability-ratio needs, could not be measured: {failed.Reason}",
                userCode: false);
            return;
        }

        MeasurementEnded();
    }

    private void Record(IReadOnlyList<KindMeasurement> kinds)
    {
        _telemetry.Record([.. kinds.SelectMany(kind => KindRows.Of(_order.Run, _order.Attempt, kind))]);
        if (_end is not null && _endToken is null)
        {
            _endToken = _telemetry.AskForFlush();
        }
    }

    private void MeasurementEnded()
    {
        _measuring--;
        _waitingForMeasurement = false;
        Continue();
    }
}
