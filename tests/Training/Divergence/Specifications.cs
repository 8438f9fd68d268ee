using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>A complete specification to vary with <c>with</c>; its constants are the proposed defaults.</summary>
internal static class Specifications
{
    internal static RunSpecification Default { get; } = new()
    {
        Seed = 1,
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
            LearningRate = 0.1,
            Momentum = 0.9,
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-8,
            WeightDecay = 0,
        },
        Schedule = new ScheduleSpecification { Kind = "constant", WarmupSteps = 0, FinalFraction = 0 },
        Training = new TrainingSpecification
        {
            Steps = 500,
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
            SilentFailureAfter = 200,
            SilentFailureChanceFactor = 1.5,
            StallWindow = 0,
            StallAbove = 0.9,
        },
        Recovery = new RecoverySpecification
        {
            Enabled = true,
            Budget = 5,
            HealthyAfter = 20,
            Ladder = ["warmup", "clip", "lower-rate"],
            WarmupSteps = 100,
            ClipPercentile = 90,
            SafeFraction = 0.5,
            FallbackFactor = 0.3,
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

    internal static RunSpecification With(this RunSpecification run, Func<DetectionSpecification, DetectionSpecification> change) =>
        run with { Detection = change(run.Detection) };
}
