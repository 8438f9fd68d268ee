using System.Text.Json;
using System.Text.Json.Serialization;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// <c>silent-failure</c>: no NaN, no blow-up, and nothing learned. From step
/// <see cref="DetectionSpecification.SilentFailureAfter"/> on, fires when the smoothed accuracy is under
/// <see cref="DetectionSpecification.SilentFailureChanceFactor"/> times that of guessing
/// (<see cref="Guessing.AccuracyAbove"/>) and the smoothed loss is no better than guessing (<see cref="Guessing.Loss"/>)
/// by at least one per cent of it. Both are asked for: a slow starter's loss falls before its accuracy rises, and a network of dead units sits on the
/// guessing loss exactly.
/// </summary>
public sealed class SilentFailureRule : IDivergenceRule
{
    private const double Smoothing = 0.05;
    private const double Winsor = 5;
    private const double Margin = 0.01;

    /// <summary>Steps after which the averages no longer are those of single batches.</summary>
    private const int Settled = (int)(1 / Smoothing);

    private readonly DetectionSpecification _detection;
    private readonly Guessing _guessing;
    private SilentFailureState _state = new() { Seen = 0 };

    /// <summary>The rule for a run on data for which guessing gives this.</summary>
    public SilentFailureRule(RunSpecification specification, Guessing guessing)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(guessing);
        _detection = specification.Detection;
        _guessing = guessing;
    }

    /// <inheritdoc/>
    public DivergenceFinding? Observe(in StepMetrics metrics)
    {
        SilentFailureState s = _state;
        bool warmingUp = Warmup.IsUnderway(s.LearningRate, metrics.LearningRate);
        if (!double.IsFinite(metrics.Loss))
        {
            _state = s with { LearningRate = metrics.LearningRate };
            return null;
        }

        _state = s = new SilentFailureState
        {
            Loss = s.Loss is { } loss
                ? ((1 - Smoothing) * loss) + (Smoothing * Math.Min(metrics.Loss, Winsor * loss))
                : metrics.Loss,
            Accuracy = s.Accuracy is { } accuracy
                ? ((1 - Smoothing) * accuracy) + (Smoothing * metrics.Accuracy)
                : metrics.Accuracy,
            LearningRate = metrics.LearningRate,
            Seen = s.Seen is { } seen && seen < Settled ? seen + 1 : s.Seen,
        };

        // While the rate still rises, a run that has learned nothing is slow, not stuck.
        // A detector that started afresh in the middle of a run judges by more than one batch.
        bool settled = s.Seen is not { } steps || steps >= Math.Min(Settled, _detection.SilentFailureAfter + 1L);
        bool asked = metrics.Step >= _detection.SilentFailureAfter && !warmingUp && settled;
        double least = _guessing.AccuracyAbove(_detection.SilentFailureChanceFactor);
        double most = (1 - Margin) * _guessing.Loss;
        return asked && s.Accuracy < least && s.Loss > most
            // A network that never learned was never healthy: only its initialisation is.
            ? new DivergenceFinding(
                $"At step {metrics.Step} the smoothed accuracy is {s.Accuracy:G3} (guessing gives {_guessing.Accuracy:G3}) and the "
                    + $"smoothed loss {s.Loss:G4} is no better than guessing ({_guessing.Loss:G4}).",
                OnsetStep: 0)
            : null;
    }

    /// <inheritdoc/>
    public JsonElement SaveState() =>
        JsonSerializer.SerializeToElement(_state, SilentFailureStateJson.Default.SilentFailureState);

    /// <inheritdoc/>
    public void LoadState(JsonElement state) => _state =
        state.Deserialize(SilentFailureStateJson.Default.SilentFailureState) ?? throw new JsonException("null is no state.");
}

/// <summary>What <see cref="SilentFailureRule"/> remembers.</summary>
internal sealed record SilentFailureState
{
    /// <summary>Smoothed loss; null before the first step.</summary>
    public double? Loss { get; init; }

    /// <summary>Smoothed accuracy; null before the first step.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Steps in the averages, counted until they are enough; null in what older versions wrote: enough.</summary>
    public int? Seen { get; init; }
}

/// <summary>JSON of <see cref="SilentFailureState"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SilentFailureState))]
internal sealed partial class SilentFailureStateJson : JsonSerializerContext;
