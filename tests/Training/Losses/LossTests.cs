using CurvatureActors.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Losses;

public class LossTests
{
    private static readonly double[,] Logits = { { 1, -2, 0.5 }, { 0, 0, 3 }, { 2, 2.5, -1 }, { -1, 0, 1 } };
    private static readonly long[] Labels = [0, 2, 0, 1];

    [Fact]
    public void Given_logits_When_scored_Then_both_losses_are_their_formulas_as_means_over_the_batch()
    {
        using DisposeScope scope = NewDisposeScope();
        double crossEntropy = 0;
        double squares = 0;
        for (int i = 0; i < 4; i++)
        {
            double sum = Math.Exp(Logits[i, 0]) + Math.Exp(Logits[i, 1]) + Math.Exp(Logits[i, 2]);
            crossEntropy += (Math.Log(sum) - Logits[i, Labels[i]]) / 4;
            for (int j = 0; j < 3; j++)
            {
                squares += Math.Pow(Logits[i, j] - (j == Labels[i] ? 1 : 0), 2) / 12;
            }
        }

        (Tensor logits, Tensor labels) = (tensor(Logits), tensor(Labels));
        Assert.Equal(crossEntropy, LossRegistry.Losses["cross-entropy"](logits, labels).item<double>(), 1e-12);
        Assert.Equal(squares, LossRegistry.Losses["mse"](logits, labels).item<double>(), 1e-12);
        Assert.Equal(2, Accuracy.Correct(logits, labels));
    }
}
