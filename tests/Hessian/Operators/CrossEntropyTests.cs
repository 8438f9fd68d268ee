using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Cross-entropy of a network that is sure, and right, in float32: against p_i (delta_ij - p_j) from the odds in float64, and as parts of its largest entry.</summary>
public sealed class CrossEntropyTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(0, -15, -16)]
    [InlineData(0, -8, -30)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 3, -2)]
    public void Given_logits_then_loss_gradient_and_Hessian_are_the_closed_form(double own, double second, double third)
    {
        double[] odds = [1, Math.Exp(second - own), Math.Exp(third - own)];
        double sum = odds.Sum();
        double others = odds[1] + odds[2];
        Tensor logits = tensor(new[] { own, second, third }, float32).view(1, 3).requires_grad_();
        Tensor labels = tensor(new long[] { 0 });

        Tensor loss = CrossEntropy.Of(logits, labels).sum();
        Tensor gradient = autograd.grad([loss], [logits], retain_graph: true, create_graph: true)[0];

        Close(double.LogP1(others), loss.item<float>());
        Close(-others / sum, gradient[0, 0].item<float>());
        double scale = odds.Select((odd, i) => odd / sum * (odds.Where((_, j) => j != i).Sum() / sum)).Max();
        for (int row = 0; row < 3; row++)
        {
            Tensor derivative = autograd.grad([gradient[0, row]], [logits], retain_graph: true, create_graph: true)[0];
            for (int column = 0; column < 3; column++)
            {
                double p = odds[row] / sum;
                double rest = row == column ? odds.Where((_, i) => i != row).Sum() / sum : -odds[column] / sum;
                Assert.Equal(p * rest / scale, derivative[0, column].item<float>() / scale, 2e-5);
            }
        }
    }

    [Fact]
    public void Given_several_positions_then_it_is_the_loss_of_torch()
    {
        Tensor logits = Oracles.Random(701, 4, 5, 3);
        Tensor labels = tensor(new long[] { 0, 1, 2, 3, 4, 0, 1, 1, 2, 4, 3, 0 }).view(4, 3);

        Assert.True(Oracles.Difference(
            functional.cross_entropy(logits, labels, reduction: Reduction.None), CrossEntropy.Of(logits, labels)) < 1e-12);
    }

    private static void Close(double expected, double found) =>
        Assert.True(Math.Abs(expected - found) <= 2e-5 * Math.Abs(expected), $"{found}, exactly {expected}");
}
