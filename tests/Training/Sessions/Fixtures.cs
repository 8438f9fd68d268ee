using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>Small runs on synthetic images.</summary>
internal static class Fixtures
{
    public static readonly SnapshotOrigin Origin = new("0123456789ab", Attempt: 1, Epoch: 2);

    public static ModelSpecification Model(
        string kind = "cnn",
        string normalization = "none",
        string activation = "relu",
        double dropout = 0,
        int[]? hidden = null,
        int[]? channels = null) => new()
        {
            Kind = kind,
            Hidden = new(hidden ?? [7]),
            Channels = new(channels ?? [3, 4]),
            Normalization = normalization,
            Activation = activation,
            InitScale = 1,
            Dropout = dropout,
        };

    public static OptimizerSpecification Optimizer(
        string kind = "sgd", double learningRate = 0.05, double weightDecay = 0) => new()
        {
            Kind = kind,
            LearningRate = learningRate,
            Momentum = 0.9,
            Beta1 = 0.9,
            Beta2 = 0.99,
            Epsilon = 1e-8,
            WeightDecay = weightDecay,
        };

    public static RunSpecification Run(
        ModelSpecification? model = null,
        OptimizerSpecification? optimizer = null,
        int steps = 40,
        double? clipNorm = null,
        string loss = "cross-entropy",
        int seed = 3,
        int batchSize = 8) => new()
        {
            Seed = seed,
            Data = new() { Name = "synthetic" },
            Model = model ?? Model(),
            Optimizer = optimizer ?? Optimizer(),
            Schedule = new() { Kind = "constant", WarmupSteps = 5, FinalFraction = 0 },
            Training = new()
            {
                Steps = steps,
                BatchSize = batchSize,
                Loss = loss,
                ClipNorm = clipNorm,
                Threads = 1,
                SnapshotEvery = 10,
            },
            Detection = new()
            {
                Rules = ["non-finite", "blow-up"],
                BlowUpFactor = 1e6,
                BlowUpPatience = 3,
                SilentFailureAfter = 1000,
                SilentFailureChanceFactor = 1.5,
                StallWindow = 1000,
                StallAbove = 0.5,
            },
            Recovery = new()
            {
                Enabled = true,
                Budget = 3,
                HealthyAfter = 5,
                Ladder = ["warmup"],
                WarmupSteps = 10,
                ClipPercentile = 90,
                SafeFraction = 0.5,
                FallbackFactor = 0.5,
            },
            Curvature = new()
            {
                Enabled = false,
                Examples = 8,
                BatchSize = 8,
                Tolerance = 1e-3,
                MaximumProducts = 20,
            },
        };

    /// <summary>Classes are told apart by their mean; 5 classes of 6x6 images.</summary>
    public static ImageDataSet Images(int count, ulong seed, int size = 6, int classes = 5)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(seed);
        Tensor labels = randint(0, classes, [count], int64, generator: generator);
        Tensor images = empty([count, 1, size, size]).normal_(0, 1, generator)
            + labels.to_type(float32).div(classes).view(-1, 1, 1, 1);
        return new ImageDataSet(images, labels, classes);
    }

    public static DataSplit Data() => new(Images(53, 1), Images(29, 2));

    public static TrainingSession Session(RunSpecification specification, SnapshotPool? pool = null) =>
        TrainingSession.Create(specification, Data(), CPU, pool);

    /// <summary>Every optimizer and normalisation once, with dropout.</summary>
    public static TheoryData<string, string> OptimizersAndNormalizations()
    {
        TheoryData<string, string> data = [];
        foreach (string optimizer in (string[])["sgd", "heavy-ball", "nesterov", "adam", "adamw"])
        {
            foreach (string normalization in (string[])["none", "batch", "layer"])
            {
                data.Add(optimizer, normalization);
            }
        }

        return data;
    }
}
