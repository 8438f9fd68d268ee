using CurvatureActors.Training.Data;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>
/// Data on which nothing but the frequencies can be learned, by construction, and data of the same frequencies that can:
/// the rule tells them apart whatever those frequencies are.
/// </summary>
public sealed class SilentFailureOnDataTests
{
    [Theory]
    [InlineData("cross-entropy", 50, 50)]
    [InlineData("cross-entropy", 99, 1)]
    [InlineData("cross-entropy", 70, 20, 0, 10)]
    [InlineData("mse", 50, 50)]
    [InlineData("mse", 90, 10)]
    [InlineData("mse", 20, 60, 20)]
    public void Given_pictures_that_say_nothing_of_their_labels_When_trained_Then_a_silent_failure(string loss, params int[] counts)
    {
        DivergenceVerdict? verdict = Train(Images(counts, telling: false), loss);
        Assert.Equal("silent-failure", verdict?.Rule);
    }

    [Theory]
    [InlineData("cross-entropy", 50, 50)]
    [InlineData("cross-entropy", 99, 1)]
    [InlineData("cross-entropy", 70, 20, 0, 10)]
    [InlineData("mse", 50, 50)]
    [InlineData("mse", 90, 10)]
    public void Given_pictures_that_tell_their_labels_When_trained_Then_none(string loss, params int[] counts) =>
        Assert.Null(Train(Images(counts, telling: true), loss));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Given_a_text_of_independent_or_of_ordered_characters_When_trained_Then_only_the_first_is_a_silent_failure(bool ordered)
    {
        // The shares of a, b, c, d are 1/2, 1/4, 1/8, 1/8 in both.
        const string Order = "abacabadabacabda";
        var random = new Random(5);
        long[] symbols = [.. Enumerable.Range(0, 6000).Select(i => (long)(Order[ordered ? i % 16 : random.Next(16)] - 'a'))];
        using TextDataSet train = new(symbols, length: 16, classes: 4);
        RunSpecification run = Run("cross-entropy") with
        {
            Model = Fixtures.Model("lstm") with { Lstm = new() { Depth = 1, Width = 16, NormalizationPosition = "pre" } },
            Optimizer = Fixtures.Optimizer("adam", learningRate: 0.01),
        };

        DivergenceVerdict? verdict = Train(train, run);

        Assert.Equal(ordered ? null : "silent-failure", verdict?.Rule);
    }

    private static ImageDataSet Images(int[] counts, bool telling)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] labels = [.. counts.SelectMany((count, label) => Enumerable.Repeat((long)label, 10 * count))];
        Tensor images = zeros([labels.Length, 1, 6, 6]);
        for (int i = 0; telling && i < labels.Length; i++)
        {
            images[i, 0, 0, labels[i]] = tensor(6f);
        }

        return new ImageDataSet(images, tensor(labels), counts.Length);
    }

    private static RunSpecification Run(string loss)
    {
        RunSpecification run = Fixtures.Run(
            model: Fixtures.Model("mlp"), optimizer: Fixtures.Optimizer("heavy-ball", learningRate: 0.01), steps: 500, loss: loss, batchSize: 64);
        return run with
        {
            Detection = run.Detection with { Rules = ["silent-failure"], SilentFailureAfter = 200 },
            Training = run.Training with { SnapshotEvery = 100 },
        };
    }

    private static DivergenceVerdict? Train(ImageDataSet train, string loss)
    {
        using ImageDataSet data = train;
        return Train(train, Run(loss));
    }

    private static DivergenceVerdict? Train(ExampleSet train, RunSpecification run)
    {
        using TrainingSession session = TrainingSession.Create(run, new DataSplit(train, train), CPU);
        while (!session.Finished)
        {
            if (session.Advance().Verdict is { } verdict)
            {
                return verdict;
            }
        }

        return null;
    }
}
