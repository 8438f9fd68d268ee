using System.Text.Json;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Divergence;

/// <summary><c>non-finite</c>: the loss or the gradient norm is NaN or infinite. Remembers nothing.</summary>
public sealed class NonFiniteRule : IDivergenceRule
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    /// <inheritdoc/>
    public DivergenceFinding? Observe(in StepMetrics metrics) =>
        !double.IsFinite(metrics.Loss) ? Found(metrics, $"The loss at step {metrics.Step} is {metrics.Loss}.")
        : !double.IsFinite(metrics.GradientNorm) ?
            Found(metrics, $"The gradient norm at step {metrics.Step} is {metrics.GradientNorm} at a loss of {metrics.Loss:G4}.")
        : null;

    /// <inheritdoc/>
    public JsonElement SaveState() => Nothing;

    /// <inheritdoc/>
    public void LoadState(JsonElement state)
    {
    }

    private static DivergenceFinding? Found(in StepMetrics metrics, string evidence) =>
        new DivergenceFinding(evidence, Math.Max(0, metrics.Step - 1));
}
