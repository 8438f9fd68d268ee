using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>Small complete values to vary with <c>with</c>.</summary>
internal static class Samples
{
    internal static DateTimeOffset At { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Snapshots every 20 steps of 100, healthy after 20, three restarts with warmup, clip, lower-rate.</summary>
    internal static RunSpecification Specification { get; } = new()
    {
        Seed = 7,
        Data = new DataSpecification { Name = "fashion-mnist-small" },
        Model = new ModelSpecification
        {
            Kind = "mlp",
            Hidden = [32],
            Channels = [],
            Normalization = "none",
            Activation = "relu",
            InitScale = 1,
            Dropout = 0,
        },
        Optimizer = new OptimizerSpecification
        {
            Kind = "sgd",
            LearningRate = 0.5,
            Momentum = 0.9,
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-8,
            WeightDecay = 0,
        },
        Schedule = new ScheduleSpecification { Kind = "constant", WarmupSteps = 0, FinalFraction = 0 },
        Training = new TrainingSpecification
        {
            Steps = 100,
            BatchSize = 64,
            Loss = "cross-entropy",
            Threads = 1,
            SnapshotEvery = 20,
        },
        Detection = new DetectionSpecification
        {
            Rules = ["non-finite", "blow-up", "silent-failure", "stall"],
            BlowUpFactor = 3.5,
            BlowUpPatience = 3,
            SilentFailureAfter = 50,
            SilentFailureChanceFactor = 1.5,
            StallWindow = 0,
            StallAbove = 0.9,
        },
        Recovery = new RecoverySpecification
        {
            Enabled = true,
            Budget = 3,
            HealthyAfter = 20,
            Ladder = ["warmup", "clip", "lower-rate"],
            WarmupSteps = 30,
            ClipPercentile = 90,
            SafeFraction = 0.5,
            FallbackFactor = 0.25,
        },
        Curvature = new CurvatureSpecification
        {
            Enabled = true,
            Examples = 500,
            BatchSize = 500,
            Tolerance = 1e-3,
            MaximumProducts = 60,
        },
    };

    internal static PlannedRun Run { get; } = Planned("0123456789ab", "sample", Specification);

    internal static TrainingPlan FirstPlan { get; } = new(0.5, WarmupFrom: 0, WarmupSteps: 0, ClipNorm: null);

    internal static PlannedRun Planned(string run, string name, RunSpecification specification) =>
        new(run, name, new Dictionary<string, string> { ["seed"] = "7" }, specification);

    internal static ExperimentSpecification Experiment(params PlannedRun[] runs) => new()
    {
        Name = "study",
        Runs = runs,
        Devices = ["cpu:0", "cpu:1"],
        StateDirectory = ".curvature",
        Threads = 1,
        Probe = new ProbeOptions(DenseSteps: 20, Every: 10, ProbePolicy.Latest, Workers: 1),
        SnapshotKeep = 2,
        EvaluateEvery = 50,
        ErrorBudget = 1,
        Runtime = new RuntimeOptions(TuneAllocator: true, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500)),
        AkkaOverrides = "",
    };

    internal static RunSpecification WithRecovery(
        this RunSpecification run, Func<RecoverySpecification, RecoverySpecification> change) =>
        run with { Recovery = change(run.Recovery) };

    internal static CurvatureMeasurement Measurement(int step, double lambda1) => new()
    {
        Step = step,
        Lambda1 = lambda1,
        Residual = 0.001,
        Converged = true,
        Products = 12,
        Examples = 500,
        LearningRate = 0.5,
        Threshold = 4,
        StabilityRatio = lambda1 / 4,
        Seconds = 0.25,
    };

    internal static DivergenceVerdict BlowUp(int step) => new(step, "blow-up", $"the loss exploded at {step}", 2.5);

    internal static Evaluation Evaluated { get; } = new(100, 0.4, 0.85);

    internal static SnapshotCommitted Snapshot(int attempt, int step, bool anchor = true) => new(
        attempt, step, anchor, $"0123456789ab/{attempt}-{step}.snapshot", $"sha-{attempt}-{step}", 1000 + step, At);
}
