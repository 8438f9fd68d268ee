using System.Text.Json;
using System.Text.Json.Serialization;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// <c>blow-up</c>: the smoothed loss is far above its reference and still climbing, or stays up there.
/// </summary>
/// <remarks>
/// <para>Smoothed loss: the winsorised average a &lt;- 0.8 a + 0.2 min(loss, 5 a), which one outlier cannot double.
/// Reference: the smaller of the best a and the median of the first five losses, and not less than a tenth of the
/// loss of guessing or of the first losses, whichever is less: near zero, a loss doubles many times over without
/// harm. Both only ever fall after the first five steps, so no outlier gets in.</para>
/// <para>Bar: <see cref="DetectionSpecification.BlowUpFactor"/> times a margin that grows with the measured noise of the
/// log loss (without it the rule false-alarms at a noise of 0.6).</para>
/// <para>It fires after <see cref="DetectionSpecification.BlowUpPatience"/> steps running over the bar, at a step where
/// a is at its highest and has been rising above its reference for <see cref="Climb"/> steps; or after
/// <see cref="Plateau"/> steps running over the bar. A catapult, and heavy ball's transient at eta lambda = 3.5, come
/// down again before either.</para>
/// </remarks>
public sealed class BlowUpRule : IDivergenceRule
{
    private const double Smoothing = 0.2;
    private const double Winsor = 5;
    private const int FirstLosses = 5;
    private const double Raised = 1.2;
    private const double FloorFraction = 0.1;
    private const double FreeNoise = 0.2;
    private const double NoiseWeight = 2;

    /// <summary>Steps for which the smoothed loss must have been raised before a climb counts.</summary>
    public const int Climb = 9;

    /// <summary>Steps over the bar after which the loss need not climb any more.</summary>
    public const int Plateau = 50;

    private readonly DetectionSpecification _detection;
    private readonly double _guessing;
    private readonly NoiseEstimate _noise = new();
    private BlowUpState _state = new();

    /// <summary>The rule for a run on data for which guessing gives this.</summary>
    public BlowUpRule(RunSpecification specification, Guessing guessing)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(guessing);
        _detection = specification.Detection;
        _guessing = guessing.Loss;
    }

    /// <inheritdoc/>
    public DivergenceFinding? Observe(in StepMetrics metrics)
    {
        BlowUpState s = _state;
        if (s.First.Length == 0)
        {
            // Nothing to compare with yet; a first loss that is not finite is another rule's.
            if (double.IsFinite(metrics.Loss))
            {
                _state = s with
                {
                    First = [metrics.Loss],
                    Average = metrics.Loss,
                    Best = metrics.Loss,
                    LastLog = Log(metrics.Loss),
                };
            }

            return null;
        }

        // Without the non-finite rule, NaN is the worst that a loss can be.
        double cap = Winsor * s.Average;
        double loss = metrics.Loss < cap ? metrics.Loss : cap;
        double average = ((1 - Smoothing) * s.Average) + (Smoothing * loss);
        double[] first = s.First.Length < FirstLosses ? [.. s.First, loss] : s.First;
        double best = Math.Min(s.Best, average);
        double start = NoiseEstimate.Median([.. first]);
        double reference = Math.Max(Math.Min(best, start), FloorFraction * Math.Min(start, _guessing));

        double sigma = _noise.Sigma();
        double bar = _detection.BlowUpFactor * Math.Exp(NoiseWeight * Math.Max(0, sigma - FreeNoise));
        bool over = average > bar * reference;
        double log = Log(loss);
        if (!over)
        {
            // What is over the bar is no sample of the healthy noise.
            _noise.Add(log - s.LastLog);
        }

        bool raised = average > Raised * reference;
        bool highest = raised && average > s.Peak;
        double peakLoss = raised ? Math.Max(s.PeakLoss, loss) : 0;
        _state = s = new BlowUpState
        {
            First = first,
            Average = average,
            Best = best,
            LastLog = log,
            Raised = raised ? s.Raised + 1 : 0,
            Over = over ? s.Over + 1 : 0,
            Peak = raised ? Math.Max(s.Peak, average) : 0,
            PeakLoss = peakLoss,
        };

        bool climbing = highest && loss >= peakLoss * Math.Exp(-sigma) && s.Over >= _detection.BlowUpPatience && s.Raised >= Climb;
        return climbing || s.Over >= Math.Max(Plateau, _detection.BlowUpPatience)
            ? new DivergenceFinding(
                $"The smoothed loss {average:G4} at step {metrics.Step} is {average / reference:G3} times its reference "
                    + $"{reference:G4} (allowed {bar:G3}) and was over the bar for {s.Over} steps running"
                    + (climbing ? ", still climbing." : "."),
                Math.Max(0, metrics.Step - s.Raised))
            : null;
    }

    /// <inheritdoc/>
    public JsonElement SaveState() => JsonSerializer.SerializeToElement(
        _state with { Noise = [.. _noise.Differences] }, BlowUpStateJson.Default.BlowUpState);

    /// <inheritdoc/>
    public void LoadState(JsonElement state)
    {
        _state = state.Deserialize(BlowUpStateJson.Default.BlowUpState) ?? throw new JsonException("null is no state.");
        _noise.Load(_state.Noise);
    }

    private static double Log(double loss) => Math.Log(Math.Max(loss, 1e-30));
}

/// <summary>What <see cref="BlowUpRule"/> remembers.</summary>
internal sealed record BlowUpState
{
    /// <summary>The first losses, at most five.</summary>
    public double[] First { get; init; } = [];

    /// <summary>The smoothed loss.</summary>
    public double Average { get; init; }

    /// <summary>Its lowest value.</summary>
    public double Best { get; init; }

    /// <summary>Natural logarithm of the last loss.</summary>
    public double LastLog { get; init; }

    /// <summary>Steps running with the smoothed loss visibly above its reference.</summary>
    public int Raised { get; init; }

    /// <summary>Steps running over the bar.</summary>
    public int Over { get; init; }

    /// <summary>Highest smoothed loss since it rose.</summary>
    public double Peak { get; init; }

    /// <summary>Highest loss since then, cut off like every loss.</summary>
    public double PeakLoss { get; init; }

    /// <summary>Last differences of the log loss, oldest first.</summary>
    public double[] Noise { get; init; } = [];
}

/// <summary>JSON of <see cref="BlowUpState"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BlowUpState))]
internal sealed partial class BlowUpStateJson : JsonSerializerContext;
