using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>An elementwise function.</summary>
public sealed class Activation(Func<Tensor, Tensor> function) : Layer
{
    /// <summary>The functions by name: <c>relu</c>, <c>tanh</c>, <c>gelu</c> (exact, with the error function).</summary>
    public static Registry<Func<Tensor, Tensor>> Functions { get; } = new(
        "activation",
        ("relu", x => x.relu()),
        ("tanh", x => x.tanh()),
        ("gelu", x => x.gelu()));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => function(input);
}
