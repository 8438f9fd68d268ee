using Akka.Actor;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;

namespace CurvatureActors.Actors.Runs;

/// <content>How a verdict is answered: a remedy, its curvature if it wants one, and the next attempt.</content>
internal sealed partial class RunSupervisor
{
    /// <summary>Answers a verdict: with the next remedy of the ladder, or, with the budget used up, with the end.</summary>
    private void Answer(DivergenceVerdict verdict)
    {
        if (_cancelled)
        {
            ConcludeStopped();
            return;
        }

        if (_ladder.Next(_state.Remedies) is not { } rung)
        {
            string reason = Specification.Recovery.Enabled
                ? $"all {Specification.Recovery.Budget} restarts are used up; last: {verdict.Evidence}"
                : verdict.Evidence;
            Conclude(new RunDiverged(verdict.Step, reason, Now), $"ended diverged: {reason}");
            return;
        }

        _announcer.Progress(_state);
        if (_state.RollbackTarget(verdict, Specification) is not { } target)
        {
            Conclude(
                new RunFailed($"diverged at step {verdict.Step} with no snapshot to roll back to", Now),
                "failed: there is no snapshot to roll back to");
            return;
        }

        // Without curvature the same is asked of forward passes.
        if (!rung.Remedy.WantsCurvature && _ladder.Lowering(rung) is null)
        {
            Decide(verdict, target, rung, curvature: null);
        }
        else if (_state.SearchedRates.FindLast(searched =>
            searched.Restart == _state.Restarts + 1 && searched.Measurement.Step == target.Step) is { } rate)
        {
            Decide(verdict, target, rung, curvature: null, rate.Measurement);
        }
        else if (_state.Measurements.FindLast(measured =>
            measured.Reason == Milestones.Remedy(_state.Restarts + 1) && measured.Measurement.Step == target.Step) is { } known)
        {
            // Measured before a crash. The same snapshot from the same cold start would give the same value.
            Decide(verdict, target, rung, known.Measurement);
        }
        else
        {
            // By the probes of the node that has the run: a native error there costs that node, not the coordinator.
            _slot.Tell(new ProbePool.MeasureStored(
                _run.Run, Specification, target.Step, new SnapshotReference(target.File, target.Sha256, target.Bytes)));
        }
    }

    private void OnRemedyMeasured(CurvatureMeasurement measurement)
    {
        _unreadableSince = null;
        if (Awaited(measurement.Step) is { Verdict: var verdict, Rung: var rung })
        {
            Persist(
                new CurvatureMeasured(_state.Attempt!.Attempt, Milestones.Remedy(_state.Restarts + 1), measurement, Now),
                measured =>
                {
                    Apply(measured);
                    Decide(verdict, _state.RollbackTarget(verdict, Specification)!, rung, measurement);
                });
        }
    }

    private void OnRateSearched(CriticalRateMeasurement measurement)
    {
        _unreadableSince = null;
        if (Awaited(measurement.Step) is { Verdict: var verdict, Rung: var rung })
        {
            Persist(
                new CriticalRateMeasured(_state.Restarts + 1, measurement, Now),
                searched =>
                {
                    Apply(searched);
                    Decide(verdict, _state.RollbackTarget(verdict, Specification)!, rung, curvature: null, measurement);
                });
        }
    }

    /// <summary>What a measurement of a step is to answer; null when it comes too late.</summary>
    private (DivergenceVerdict Verdict, RecoveryLadder.Rung Rung)? Awaited(int step) =>
        _slot is not null
        && _state.OpenVerdict is { } verdict
        && step == _state.RollbackTarget(verdict, Specification)?.Step
        && _ladder.Next(_state.Remedies) is { } rung
            ? (verdict, rung)
            : null;

    private void OnRemedyNotMeasured(ProbePool.NotMeasured failed)
    {
        if (_slot is null || _state.OpenVerdict is null)
        {
            return;
        }

        if (failed.Unusable is { } damaged)
        {
            Reject(damaged, failed.Reason);
        }
        else if (failed.ReadLater)
        {
            AnswerLater(failed.Reason.TrimEnd('.'));
        }
        else
        {
            OnTrainerLost(
                $"the curvature at step {failed.Step}, which the remedy needs, could not be measured: {failed.Reason}",
                userCode: false);
        }
    }

    private void Decide(
        DivergenceVerdict verdict,
        SnapshotCommitted target,
        RecoveryLadder.Rung rung,
        CurvatureMeasurement? curvature,
        CriticalRateMeasurement? searched = null)
    {
        AttemptState attempt = _state.Attempt!;
        RemedyDecision decision = _ladder.Decide(
            rung,
            new RecoveryContext(Specification, attempt.Plan, verdict, target.Step, curvature)
            {
                Searched = searched,
                BlindLowerings = _state.BlindLowerings,
            });
        IRunEvent[] events =
        [
            new RemedyChosen(_state.Restarts + 1, target.Step, decision, Now),
            new AttemptStarted(attempt.Attempt + 1, target.Step, decision.Plan, Now),
        ];
        PersistAll(events, e =>
        {
            Apply(e);
            if (e is AttemptStarted)
            {
                _announcer.Notice($"restart {_state.Restarts} of {Specification.Recovery.Budget} from step {target.Step} with {decision.Remedy}: {decision.Reason}");
                _retention.Prune(_state);
                Launch();
            }
        });
    }
}
