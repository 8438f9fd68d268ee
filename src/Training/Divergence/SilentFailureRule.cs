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
/// by at least one per cent of it. Both are asked for: a slow starter's loss falls before its accuracy rises, and a network
/// of dead units sits on the guessing loss exactly.
/// </summary>
/// <remarks>
/// With the mean squared error a network is within that per cent for long after it began to learn. So a run is left alone
/// whose accuracy is above that of guessing by more than its measured noise explains, as long as its loss is below that of
/// guessing by more than its own noise, or is still on its way down from its first value, over which it never rose.
/// The end of a run, however short, is judged with its evaluation by <see cref="GuessingAtTheEnd"/>.
/// </remarks>
public sealed class SilentFailureRule : IDivergenceRule
{
    private const double Smoothing = 0.05;
    private const double SlowSmoothing = 0.02;
    private const double Winsor = 5;
    private const double Margin = 0.01;

    /// <summary>Deviation of a smoothed value in mean absolute deviations of single ones: 1.25 sqrt(0.05/1.95).</summary>
    private const double SmoothedDeviation = 0.2;
    private const double AccuracyDeviations = 3;
    private const double LossDeviations = 1;
    private const double FallDeviations = 4;
    private const double NeverRose = 1.5;

    /// <summary>Steps after which the averages no longer are those of single batches.</summary>
    private const int Settled = (int)(1 / Smoothing);

    private readonly DetectionSpecification _detection;
    private readonly Guessing _guessing;
    private readonly GuessingAtTheEnd _end;
    private readonly RunTail _tail;
    private SilentFailureState _state = new() { Seen = 0 };

    /// <summary>The rule for a run on data for which guessing gives this.</summary>
    public SilentFailureRule(RunSpecification specification, Guessing guessing)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(guessing);
        _detection = specification.Detection;
        _guessing = guessing;
        _end = new GuessingAtTheEnd(guessing, _detection.SilentFailureChanceFactor, _detection.SilentFailureAfter);
        _tail = new RunTail(guessing.Loss);
        _state.Tail = _tail.State;
    }

    /// <inheritdoc/>
    public DivergenceFinding? Observe(in StepMetrics metrics)
    {
        SilentFailureState s = _state;
        bool warmingUp = Warmup.IsUnderway(s.LearningRate, metrics.LearningRate);
        s.LearningRate = metrics.LearningRate;
        s.WarmingUp = warmingUp;
        if (!double.IsFinite(metrics.Loss))
        {
            return null;
        }

        Add(s, metrics);
        _tail.Add(metrics, s.Loss!.Value, s.First);

        // While the rate still rises, a run that has learned nothing is slow, not stuck.
        // A detector that started afresh in the middle of a run judges by more than one batch.
        bool settled = s.Seen is not { } steps || steps >= Math.Min(Settled, _detection.SilentFailureAfter + 1L);
        bool asked = metrics.Step >= _detection.SilentFailureAfter && !warmingUp && settled;
        bool accurate = !(s.Accuracy < _guessing.AccuracyAbove(_detection.SilentFailureChanceFactor));
        bool better = !(s.Loss > (1 - Margin) * _guessing.Loss);
        if (accurate && better)
        {
            s.Learned = metrics.Step;
        }

        return asked && !accurate && !better && !IsSlow(s)
            ? new DivergenceFinding(
                $"At step {metrics.Step} the smoothed accuracy is {s.Accuracy:G3} (guessing gives {_guessing.Accuracy:G3}) and the "
                    + $"smoothed loss {s.Loss:G4} is no better than guessing ({_guessing.Loss:G4}).",
                Math.Min(LastKnown(s), _tail.State.ThrownFrom ?? int.MaxValue))
            : null;
    }

    /// <inheritdoc/>
    public DivergenceFinding? Conclude(in RunEnd end) => _tail.Known && double.IsFinite(_guessing.Loss)
        // What an older version began has no first loss.
        ? _end.Judge(
            end,
            _tail,
            _state.Top > 0 ? _state.First : double.PositiveInfinity,
            LastKnown(_state),
            IsSlow(_state),
            _state.WarmingUp)
        : null;

    /// <inheritdoc/>
    public JsonElement SaveState() =>
        JsonSerializer.SerializeToElement(_state, SilentFailureStateJson.Default.SilentFailureState);

    /// <inheritdoc/>
    public void LoadState(JsonElement state)
    {
        _state = state.Deserialize(SilentFailureStateJson.Default.SilentFailureState) ?? throw new JsonException("null is no state.");
        _tail.Load(_state.Tail);
    }

    /// <summary>
    /// The last step at which more was known than guessing. Without any only the initialisation was healthy; the averages lag
    /// behind by twice their length.
    /// </summary>
    private static int LastKnown(SilentFailureState s) => Math.Max(0, s.Learned - (2 * Settled));

    private static void Add(SilentFailureState s, in StepMetrics metrics)
    {
        if (s.Loss is not { } loss || s.Accuracy is not { } accuracy)
        {
            s.Loss = s.Slow = s.First = s.Top = metrics.Loss;
            s.Accuracy = metrics.Accuracy;
        }
        else
        {
            double cut = Math.Min(metrics.Loss, Winsor * loss);
            s.LossDeviation += Smoothing * (Math.Abs(cut - loss) - s.LossDeviation);
            s.AccuracyDeviation += Smoothing * (Math.Abs(metrics.Accuracy - accuracy) - s.AccuracyDeviation);
            s.Loss = ((1 - Smoothing) * loss) + (Smoothing * cut);
            s.Accuracy = ((1 - Smoothing) * accuracy) + (Smoothing * metrics.Accuracy);
            s.Slow += SlowSmoothing * (Math.Min(metrics.Loss, Winsor * loss) - s.Slow);
            s.Top = Math.Max(s.Top, s.Loss.Value);
        }

        s.Seen = s.Seen is { } seen && seen < Settled ? seen + 1 : s.Seen;
    }

    /// <summary>Whether it is learning, only slowly. Never of a state that an older version began, which has no Top.</summary>
    private bool IsSlow(SilentFailureState s)
    {
        double accuracyNoise = SmoothedDeviation * s.AccuracyDeviation;
        double lossNoise = SmoothedDeviation * s.LossDeviation;
        bool learns = s.Accuracy - _guessing.Accuracy > AccuracyDeviations * accuracyNoise
            && s.Accuracy > (1 + Margin) * _guessing.Accuracy;
        bool below = s.Loss < _guessing.Loss - (LossDeviations * lossNoise);
        bool coming = s.Top > 0 && s.Top <= NeverRose * s.First && s.Slow - s.Loss > FallDeviations * lossNoise;
        return learns && (below || coming);
    }
}

/// <summary>What <see cref="SilentFailureRule"/> remembers.</summary>
internal sealed class SilentFailureState
{
    /// <summary>Smoothed loss; null before the first step.</summary>
    public double? Loss { get; set; }

    /// <summary>Smoothed accuracy; null before the first step.</summary>
    public double? Accuracy { get; set; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps in the averages, counted until they are enough; null in what older versions wrote: enough.</summary>
    public int? Seen { get; set; }

    /// <summary>More slowly smoothed loss.</summary>
    public double Slow { get; set; }

    /// <summary>Mean absolute deviation of single losses from the smoothed one.</summary>
    public double LossDeviation { get; set; }

    /// <summary>The same of accuracies.</summary>
    public double AccuracyDeviation { get; set; }

    /// <summary>The first loss.</summary>
    public double First { get; set; }

    /// <summary>The highest smoothed loss; 0 in what older versions wrote.</summary>
    public double Top { get; set; }

    /// <summary>The last step at which more was known than guessing; 0 when it never was.</summary>
    public int Learned { get; set; }

    /// <summary>Whether the last step was part of a warmup.</summary>
    public bool WarmingUp { get; set; }

    /// <summary>The last steps; empty in what older versions wrote, so that an end is judged once there are enough again.</summary>
    public RunTailState Tail { get; set; } = new();
}

/// <summary>JSON of <see cref="SilentFailureState"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SilentFailureState))]
internal sealed partial class SilentFailureStateJson : JsonSerializerContext;
