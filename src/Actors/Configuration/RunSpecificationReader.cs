using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>The one place that knows which key fills which field of a run's specification.</summary>
internal static class RunSpecificationReader
{
    private static readonly Lazy<SettingsReader> LazyProfile = new(() =>
    {
        SettingsReader reader = new(ReferenceConfiguration.Defaults);
        _ = Read(reader);
        return reader;
    });

    /// <summary>The keys that make up a run: found by reading the defaults once, so that there is no second list.</summary>
    public static IReadOnlySet<string> Keys => LazyProfile.Value.Keys;

    /// <summary>Those among them that hold a whole number.</summary>
    public static IReadOnlySet<string> WholeNumbers => LazyProfile.Value.WholeNumbers;

    /// <summary>Reads and checks each field for itself; <see cref="RunValidation"/> checks them together.</summary>
    public static RunSpecification Read(SettingsReader from) => new()
    {
        Seed = from.Whole("seed", minimum: 0),
        Data = Data(from),
        Model = ModelReader.Read(from),
        Optimizer = Optimizer(from),
        Schedule = Schedule(from),
        Training = new TrainingSpecification
        {
            Steps = from.Whole("training.steps", minimum: 1, of: "steps"),
            BatchSize = from.Whole("training.batch-size", minimum: 1, of: "examples"),
            Loss = from.OneOf("training.loss", AllowedNames.Losses),
            ClipNorm = from.SingleOr("off", "training.clip-norm", Interval.Positive),
            Threads = from.Whole("training.threads", minimum: 1, maximum: 1024),
            SnapshotEvery = from.Whole("snapshot.every", minimum: 1, of: "steps"),
        },
        Detection = new DetectionSpecification
        {
            Rules = from.SomeOf("detection.rules", AllowedNames.Rules),
            BlowUpFactor = from.Number("detection.blow-up.factor", Interval.AboveOne),
            BlowUpPatience = from.Whole("detection.blow-up.patience", minimum: 1, of: "steps"),
            SilentFailureAfter = from.Whole("detection.silent-failure.after", minimum: 0, of: "steps"),
            SilentFailureChanceFactor = from.Number("detection.silent-failure.chance-factor", Interval.Positive),
            StallWindow = from.WholeOr("off", "detection.stall.window", minimum: 0) ?? 0,
            StallAbove = from.Number("detection.stall.above", Interval.AboveZeroToOne),
        },
        Recovery = new RecoverySpecification
        {
            Enabled = from.Switch("recovery.enabled"),
            Budget = from.Whole("recovery.budget", minimum: 0),
            HealthyAfter = from.Whole("recovery.healthy-after", minimum: 1, of: "steps"),
            Ladder = from.SomeOf("recovery.ladder", AllowedNames.Remedies),
            WarmupSteps = from.Whole("recovery.warmup-steps", minimum: 1, of: "steps"),
            ClipPercentile = from.Number("recovery.clip-percentile", Interval.Percent),
            SafeFraction = from.Number("recovery.safe-fraction", Interval.AboveZeroToOne),
            FallbackFactor = from.Number("recovery.fallback-factor", Interval.BetweenZeroAndOne),
        },
        Curvature = new CurvatureSpecification
        {
            Enabled = from.Switch("probe.enabled"),
            Examples = from.Whole("probe.examples", minimum: 1, of: "examples"),
            BatchSize = from.Whole("probe.batch-size", minimum: 1, of: "examples"),
            Tolerance = from.Number("probe.tolerance", Interval.BetweenZeroAndOne),
            MaximumProducts = from.Whole("probe.max-products", minimum: 1),
        },
    };

    private static OptimizerSpecification Optimizer(SettingsReader from)
    {
        string kind = from.OneOf("optimizer.kind", AllowedNames.Optimizers);
        string secondMoment = from.OneOf("optimizer.second-moment-init", AllowedNames.SecondMomentInits);
        return new OptimizerSpecification
        {
            Kind = kind,
            LearningRate = from.Single("optimizer.learning-rate", Interval.Positive),
            Momentum = from.Single("optimizer.momentum", Interval.ZeroToBelowOne),
            Beta1 = from.Single("optimizer.beta1", Interval.ZeroToBelowOne),
            Beta2 = from.Single("optimizer.beta2", Interval.ZeroToBelowOne),
            Epsilon = from.Single("optimizer.epsilon", Interval.Positive),
            WeightDecay = from.Single("optimizer.weight-decay", Interval.NotNegative),
            SecondMomentInit = kind is "adam" or "adamw" && secondMoment != AllowedNames.SecondMomentInits[0]
                ? secondMoment
                : null,
        };
    }

    private static ScheduleSpecification Schedule(SettingsReader from)
    {
        int warmup = from.Whole("schedule.warmup-steps", minimum: 0, of: "steps");
        string start = from.OneOf("schedule.warmup-from", AllowedNames.WarmupStarts);
        double? ratio = from.NumberOr("off", "schedule.max-stability-ratio", Interval.Positive);
        int lag = from.Whole("schedule.curvature-lag", minimum: 0, of: "steps");
        return new ScheduleSpecification
        {
            Kind = from.OneOf("schedule.kind", AllowedNames.Schedules),
            WarmupSteps = warmup,
            FinalFraction = from.Number("schedule.final-fraction", Interval.ZeroToOne),
            WarmupFrom = warmup > 0 && start != AllowedNames.WarmupStarts[0] ? start : null,
            StabilityCap = ratio is { } most ? Cap(from, most, lag) : null,
        };
    }

    // Only here does the schedule of measuring lambda1 decide on a trajectory; in all other runs it is not looked at.
    private static StabilityCapSpecification Cap(SettingsReader from, double ratio, int lag)
    {
        MeasurementSchedule measured = ProbeOptionsReader.Schedule(from, "probe");
        bool linear = measured.Spacing == Spacing.Linear;
        return new StabilityCapSpecification
        {
            Ratio = ratio,
            Lag = lag,
            DenseSteps = measured.DenseSteps,
            Every = linear ? measured.Every : null,
            PerDecade = linear ? null : measured.PerDecade,
        };
    }

    // Keys that the data set does not look at leave no trace in the specification.
    private static DataSpecification Data(SettingsReader from)
    {
        string name = from.OneOf("data.name", AllowedNames.DataSets);
        ExampleKind kind = DataSets.KindOf(name);
        int? classes = from.WholeOr("auto", "data.classes", minimum: 2, maximum: 256);
        int sequenceLength = from.Whole("data.sequence-length", minimum: 1);
        int dimension = from.Whole("data.dimension", minimum: 1);
        double noise = from.Single("data.noise", Interval.NotNegative);
        return new DataSpecification
        {
            Name = name,
            Directory = Folder(from),
            Classes = name == "idx" ? classes : null,
            TrainExamples = from.WholeOr("all", "data.train-examples", minimum: 1),
            TestExamples = from.WholeOr("all", "data.test-examples", minimum: 1),
            SequenceLength = kind == ExampleKind.Texts ? sequenceLength : null,
            Dimension = kind == ExampleKind.Vectors ? dimension : null,
            Noise = kind == ExampleKind.Vectors ? noise : null,
        };
    }

    // Absolute, so that a run taken up again from another working directory finds its images.
    private static string? Folder(SettingsReader from)
    {
        string directory = from.Text("data.directory");
        return directory.Length == 0
            ? null
            : directory.Contains('\0')
            ? throw SettingsReader.Mismatch("data.directory", from.Get("data.directory"), "a folder")
            : Path.GetFullPath(directory);
    }
}
