using System.Text.Json;
using System.Text.Json.Serialization;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// <c>stall</c>: the smoothed loss has not come under its best by one per cent for
/// <see cref="DetectionSpecification.StallWindow"/> steps (0: never asked) and is still above
/// <see cref="DetectionSpecification.StallAbove"/> times the first loss (the median of the first five, so that one
/// batch does not decide). Steps of a warmup are not counted: the rate, not the run, is slow there.
/// </summary>
public sealed class StallRule : IDivergenceRule
{
    private const double Smoothing = 0.05;
    private const double Winsor = 5;
    private const double Progress = 0.01;
    private const int FirstLosses = 5;

    private readonly DetectionSpecification _detection;
    private StallState _state = new();

    /// <summary>The rule for a run.</summary>
    public StallRule(RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        _detection = specification.Detection;
    }

    /// <inheritdoc/>
    public DivergenceFinding? Observe(in StepMetrics metrics)
    {
        StallState s = _state;
        bool warmingUp = Warmup.IsUnderway(s.LearningRate, metrics.LearningRate);
        s.LearningRate = metrics.LearningRate;
        if (!double.IsFinite(metrics.Loss))
        {
            return null;
        }

        double loss = s.Loss is { } last
            ? ((1 - Smoothing) * last) + (Smoothing * Math.Min(metrics.Loss, Winsor * last))
            : metrics.Loss;
        bool progress = s.Best is not { } best || loss < (1 - Progress) * best;
        s.First = s.First.Length < FirstLosses ? [.. s.First, metrics.Loss] : s.First;
        s.Loss = loss;
        s.Best = progress ? loss : s.Best;
        s.Waited = progress ? 0 : warmingUp ? s.Waited : s.Waited + 1;

        if (_detection.StallWindow <= 0 || s.Waited < _detection.StallWindow)
        {
            return null;
        }

        double first = NoiseEstimate.Median([.. s.First]);
        return loss > _detection.StallAbove * first
            ? new DivergenceFinding(
                $"The smoothed loss {loss:G4} at step {metrics.Step} is no better than its best {s.Best:G4} for {s.Waited} "
                    + $"steps and still above {_detection.StallAbove:G3} times the first loss {first:G4}.",
                Math.Max(0, metrics.Step - s.Waited))
            : null;
    }

    /// <inheritdoc/>
    public JsonElement SaveState() => JsonSerializer.SerializeToElement(_state, StallStateJson.Default.StallState);

    /// <inheritdoc/>
    public void LoadState(JsonElement state) =>
        _state = state.Deserialize(StallStateJson.Default.StallState) ?? throw new JsonException("null is no state.");
}

/// <summary>What <see cref="StallRule"/> remembers.</summary>
internal sealed class StallState
{
    /// <summary>The first losses, at most five.</summary>
    public double[] First { get; set; } = [];

    /// <summary>Smoothed loss; null before the first step.</summary>
    public double? Loss { get; set; }

    /// <summary>Smoothed loss at the last progress; null before the first step.</summary>
    public double? Best { get; set; }

    /// <summary>Steps since then, those of a warmup left out.</summary>
    public int Waited { get; set; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; set; }
}

/// <summary>JSON of <see cref="StallState"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StallState))]
internal sealed partial class StallStateJson : JsonSerializerContext;
