using System.Globalization;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>What must hold between the fields of a run, and between a run and the machine it is planned on.</summary>
internal static class RunValidation
{
    /// <summary>Throws for the first thing that cannot work.</summary>
    public static void Check(RunSpecification run)
    {
        Data(run.Data);
        if (run.Model is { Kind: "cnn", Channels.Count: 0 })
        {
            throw new ConfigurationException(
                "curvature.model.channels is []; a cnn needs at least one convolution (or choose curvature.model.kind = mlp).");
        }

        Model(run);
        Float32Validation.Check(run);
        if (run.Schedule.WarmupSteps > run.Training.Steps)
        {
            throw Exceeds("schedule.warmup-steps", run.Schedule.WarmupSteps, "training.steps", run.Training.Steps);
        }

        if (run.Schedule.StabilityCap is { Ratio: var ratio } && !run.Curvature.Enabled)
        {
            throw new ConfigurationException(
                $"curvature.probe.enabled is off; curvature.schedule.max-stability-ratio "
                + $"({ratio.ToString(CultureInfo.InvariantCulture)}) needs lambda1 (turn the one on or the other off).");
        }

        if (run.Data.TrainExamples is int chosen)
        {
            AtMost("data.train-examples", chosen);
        }
        else if (KnownTrainExamples(run.Data.Name) is int all)
        {
            AtMost($"the training {What(DataSets.KindOf(run.Data.Name))} of {run.Data.Name}", all, isKey: false);
        }

        if (run.Detection.Rules.Distinct().Count() < run.Detection.Rules.Count)
        {
            throw new ConfigurationException(
                $"curvature.detection.rules is {run.Detection.Rules}; each rule may be named once.");
        }

        if (run.Recovery is { Enabled: true, Budget: > 0, Ladder.Count: 0 })
        {
            throw new ConfigurationException(
                "curvature.recovery.ladder is []; at least one remedy is needed (or set curvature.recovery.enabled = off).");
        }

        void AtMost(string what, int images, bool isKey = true)
        {
            if (run.Model.Initialisation?.GradInit is { BatchSize: var gradInit } && GradInit.ExamplesPerStep(gradInit) > images)
            {
                throw new ConfigurationException(
                    $"curvature.init.gradinit.batch-size is {gradInit}, of which an iteration draws one and a half; that cannot exceed "
                    + $"{(isKey ? "curvature." : "")}{what} ({images}).");
            }

            if (run.Training.BatchSize > images)
            {
                throw Exceeds("training.batch-size", run.Training.BatchSize, what, images, isKey);
            }

            if (run.Curvature.Enabled && run.Curvature.Examples > images)
            {
                throw Exceeds("probe.examples", run.Curvature.Examples, what, images, isKey);
            }
        }
    }

    private static void Data(DataSpecification data)
    {
        if (data.TrainExamples is int train && train > KnownTrainImages(data.Name))
        {
            throw TooMany("train", train, KnownTrainImages(data.Name)!.Value);
        }

        if (data.TestExamples is int test && test > KnownTestImages(data.Name))
        {
            throw TooMany("test", test, KnownTestImages(data.Name)!.Value);
        }

        if (data.Directory is null)
        {
            if (DataSets.NeedsDirectory(data.Name))
            {
                throw new ConfigurationException(
                    $"curvature.data.directory is not set; {data.Name} needs the folder that its files lie in.");
            }

            return;
        }

        if (data.Name == "synthetic")
        {
            throw new ConfigurationException(
                $"curvature.data.directory is {ConfigurationValue.Quote(data.Directory)}; synthetic has no files, leave it out.");
        }

        if (!Directory.Exists(data.Directory))
        {
            throw new ConfigurationException(
                $"curvature.data.directory is {ConfigurationValue.Quote(data.Directory)}; there is no such folder.");
        }

        try
        {
            _ = Directory.EnumerateFileSystemEntries(data.Directory).Any();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                $"curvature.data.directory is {ConfigurationValue.Quote(data.Directory)}; this folder cannot be read.", problem);
        }

        ConfigurationException TooMany(string part, int wanted, int present) => new(
            $"curvature.data.{part}-examples is {wanted}; {data.Name} has {present} {part} images.");
    }

    // Whether model, data and loss go together, and whether the model can be built for the data.
    private static void Model(RunSpecification run)
    {
        ModelKind kind = ModelRegistry.Models[run.Model.Kind];
        ExampleKind given = DataSets.KindOf(run.Data.Name);
        if (kind.Takes is { } taken && taken != given)
        {
            throw new ConfigurationException(
                $"curvature.model.kind is \"{run.Model.Kind}\", which takes {What(taken)}; "
                + $"curvature.data.name is \"{run.Data.Name}\", a set of {What(given)}.");
        }

        if (kind.Loss is { } loss && run.Training.Loss != loss)
        {
            throw new ConfigurationException(
                $"curvature.training.loss is \"{run.Training.Loss}\"; the model {run.Model.Kind} needs {loss}.");
        }

        if (kind is { Takes: not null, Loss: null } && run.Training.Loss == "output")
        {
            throw new ConfigurationException(
                $"curvature.training.loss is \"output\"; the outputs of the model {run.Model.Kind} are no losses.");
        }

        try
        {
            Initialiser.Check(run.Model);
            kind.Check(run.Model, DataSets.KnownShape(run.Data));
        }
        catch (ArgumentException problem)
        {
            throw new ConfigurationException(problem.Message, problem);
        }

        Normalized(run, kind);
    }

    // One example has no variance where a layer sees one value of it: PyTorch refuses to train so, and so do we. Where the
    // size of the images is not known yet, the fully connected layers are.
    private static void Normalized(RunSpecification run, ModelKind kind)
    {
        string? key = run.Model.Normalization == "batch" ? "normalization"
            : run.Model.WideResNet?.ExtraNormalization == "batch" ? "wide-resnet.extra-norm"
            : null;
        ImageShape image = DataSets.KnownShape(run.Data) as ImageShape ?? new ImageShape(1, 1 << 20, 1 << 20);
        if (run.Training.BatchSize == 1 && key is not null && kind.FewestPositions(run.Model, image) == 1)
        {
            throw new ConfigurationException(
                $"curvature.training.batch-size is 1; curvature.model.{key} = batch needs at least 2, since some layers have one value "
                + "a feature of each example (or choose another normalisation).");
        }
    }

    private static string What(ExampleKind kind) => kind.ToString().ToLowerInvariant();

    private static ConfigurationException Exceeds(string key, int value, string limitKey, int limit, bool isKey = true) => new(
        $"curvature.{key} is {value}; it cannot exceed {(isKey ? "curvature." : "")}{limitKey} ({limit}).");

    // The sets of fixed size; how many images an idx folder has shows only when it is read.
    private static int? KnownTrainImages(string name) => name switch
    {
        "fashion-mnist-small" => 5_000,
        "cifar-10" or "cifar-100" => 50_000,
        _ => null,
    };

    private static int? KnownTrainExamples(string name) =>
        name == "synthetic" ? SyntheticSource.DefaultTrainExamples : KnownTrainImages(name);

    private static int? KnownTestImages(string name) => name switch
    {
        "fashion-mnist-small" => 1_000,
        "cifar-10" or "cifar-100" => 10_000,
        _ => null,
    };
}
