using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>One summand of a weighted loss, split into model and loss for the Gauss-Newton matrix.</summary>
/// <param name="Evaluate">
/// The outputs of the model on a batch at the current parameters, recorded by autograd, of any shape that
/// <paramref name="Loss"/> takes. The same rules as for <see cref="LossTerm"/>.
/// </param>
/// <param name="Loss">The Hessian of the loss in the outputs.</param>
/// <param name="Weight">Factor of this loss in the sum; finite. Negative ones make the matrix indefinite.</param>
public sealed record OutputTerm(Func<Tensor> Evaluate, OutputHessian Loss, double Weight = 1)
{
    /// <summary>Bytes that its graph takes, for the budget; measured when null.</summary>
    public long? GraphBytes { get; init; }
}
