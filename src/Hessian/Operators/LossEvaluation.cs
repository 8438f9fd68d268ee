using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Loss terms evaluated for autograd, with errors that say what is wrong.</summary>
internal static class LossEvaluation
{
    /// <summary>The loss with its graph, in the current dispose scope.</summary>
    internal static Tensor Evaluate(LossTerm term)
    {
        // The caller may hold a no_grad; without the graph there would be silence instead of curvature.
        using IDisposable recorded = enable_grad();
        Tensor loss = term.Evaluate() ?? throw new ArgumentException("A loss term evaluated to null.");
        return loss.numel() == 1
            ? loss
            : throw new ArgumentException($"A loss has shape [{string.Join(", ", loss.shape)}]; it must be one number.");
    }

    internal static double Number(Tensor loss) => loss.detach().to(ScalarType.Float64).item<double>();
}
