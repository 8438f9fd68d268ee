using System.Text.Json;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// <c>non-finite</c>: the loss or the gradient norm is NaN or infinite. Remembers nothing. Verdicts on a state or a last
/// evaluation that are not finite, which <see cref="TrainingSession"/> makes whatever rules are in use, bear its name.
/// </summary>
public sealed class NonFiniteRule : IDivergenceRule
{
    /// <summary>Its name.</summary>
    public const string Name = "non-finite";

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
