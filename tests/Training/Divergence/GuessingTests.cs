using CurvatureActors.Training.Divergence;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Divergence;

public sealed class GuessingTests
{
    [Theory]
    [InlineData("cross-entropy", new long[] { 1, 1 }, 0.6931471805599453, 0.5)]
    [InlineData("cross-entropy", new long[] { 99, 1 }, 0.056001534354847, 0.99)]
    [InlineData("cross-entropy", new long[] { 3, 0, 1 }, 0.562335144618808, 0.75)]
    [InlineData("mse", new long[] { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 0.09, 0.1)]
    [InlineData("mse", new long[] { 99, 1 }, 0.0099, 0.99)]
    [InlineData("mse", new long[] { 3, 0, 1 }, 0.125, 0.75)]
    [InlineData("output", new long[0], double.PositiveInfinity, 0)]
    [InlineData("cross-entropy", new long[] { 0, 7 }, double.PositiveInfinity, 1)]
    public void Given_frequencies_when_guessing_then_entropy_or_variance_and_the_largest_share(
        string loss, long[] counts, double expected, double accuracy)
    {
        var guessing = Guessing.Of(loss, counts);

        Assert.Equal(expected, guessing.Loss, 1e-12);
        Assert.Equal(accuracy, guessing.Accuracy, 1e-12);
    }

    [Theory]
    [InlineData("cross-entropy")]
    [InlineData("mse")]
    public void Given_the_best_constant_output_when_the_loss_itself_is_asked_then_it_agrees(string loss)
    {
        long[] counts = [50, 30, 0, 20];
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = tensor([.. counts.SelectMany((count, label) => Enumerable.Repeat((long)label, (int)count))]);
        Tensor shares = tensor([0.5, 0.3, 0, 0.2], float64);
        Tensor outputs = (loss == "mse" ? shares : shares.clamp_min(1e-300).log()).unsqueeze(0).expand(100, 4);

        double seen = Training.Losses.LossRegistry.Losses[loss](outputs, targets).item<double>();

        Assert.Equal(seen, Guessing.Of(loss, counts).Loss, 1e-12);
    }

    [Theory]
    [InlineData(0.1, 0.15)]
    [InlineData(0.4, 0.6)]
    [InlineData(0.5, 0.66666666666666663)]
    [InlineData(0.99, 0.99333333333333329)]
    public void Given_a_share_when_asked_for_more_than_guessing_then_a_multiple_or_fewer_errors(double share, double above) =>
        Assert.Equal(above, new Guessing(1, share).AccuracyAbove(1.5), 1e-12);
}
