using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Actors.Runs;

/// <summary>Tells the monitor how a run stands: its journal's state and the newest numbers of the present attempt.</summary>
internal sealed class RunAnnouncer(IActorRef monitor, PlannedRun run, TimeProvider time)
{
    private PhaseProgress? _phase;
    private StepMetrics? _step;
    private Evaluation? _evaluation;
    private CurvatureMeasurement? _measurement;

    /// <summary>Takes note of how far the initialisation is.</summary>
    public void Observe(InitialisationReported reported) =>
        _phase = new PhaseProgress(reported.Phase, reported.Step, reported.Steps);

    /// <summary>Takes note of the steps of a slice.</summary>
    public void Observe(StepsTrained trained)
    {
        _phase = null;
        _step = trained.Metrics.Count > 0 ? trained.Metrics[^1] : _step;
        _evaluation = trained.Evaluation ?? _evaluation;
    }

    /// <summary>Takes note of a measurement.</summary>
    public void Observe(CurvatureMeasurement measurement) => _measurement = measurement;

    /// <summary>An attempt begins; the numbers of the one before say nothing about it.</summary>
    public void Forget() => (_phase, _step, _evaluation, _measurement) = (null, null, null, null);

    /// <summary>One sentence for people.</summary>
    public void Notice(string text) => monitor.Tell(new RunNotice(run.Run, run.Name, text, time.GetUtcNow()));

    /// <summary>Where the run stands.</summary>
    public void Progress(RunState state) => monitor.Tell(new RunProgress
    {
        Run = run.Run,
        Name = run.Name,
        Status = state.Status,
        Attempt = state.Attempt?.Attempt ?? 0,
        Step = state.Completion?.Steps ?? (_step is { } step ? step.Step + 1 : state.NewestSnapshot?.Step ?? 0),
        Steps = run.Specification.Training.Steps,
        Phase = state.Status == RunStatus.Running ? _phase : null,
        Loss = _step?.Loss,
        Accuracy = state.Completion?.Evaluation.Accuracy ?? _evaluation?.Accuracy,
        LearningRate = _step?.LearningRate,
        Lambda1 = _measurement?.Lambda1,
        Lambda1Residual = _measurement?.Residual,
        Lambda1Step = _measurement?.Step,
        Lambda1Converged = _measurement?.Converged ?? false,
        StabilityRatio = _measurement?.StabilityRatio,
        Restarts = state.Restarts,
        RestartBudget = run.Specification.Recovery.Budget,
        Node = state.Node,
        Device = state.Device,
    });
}
