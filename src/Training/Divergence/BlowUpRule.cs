using System.Text.Json;
using System.Text.Json.Serialization;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// <c>blow-up</c>: the smoothed loss is far above its reference and climbs, or stays up there; or it is far above the loss of
/// guessing and stays there; or it falls without bound. Heights are levels (<see cref="LossLevel"/>).
/// </summary>
/// <remarks>
/// <para>A rise is the time for which the level is above <see cref="Raised"/>. Rises that came down again by themselves are
/// what the run's noise, correlated as it may be, and its catapults look like: a bar is never below the highest of them (of
/// late: it is forgotten over <see cref="Memory"/> steps).</para>
/// <para>Climb: after <see cref="Climb"/> steps of rise at least, at a step where the level is at its highest and still
/// grows at a good part of the rate that it grew at since the rise began, and for
/// <see cref="DetectionSpecification.BlowUpPatience"/> steps over <see cref="DetectionSpecification.BlowUpFactor"/>. A rise
/// of at most <see cref="Sudden"/> steps needs 1.3 times the factor, a slower one 3.5 times: catapults are that high. The
/// transient of heavy ball just below its threshold goes higher but slows down from its first steps on.</para>
/// <para>Losses of more than 200 times the reference for as many steps need not climb: no transient is that high.</para>
/// <para>Plateau: <see cref="Plateau"/> steps over the factor without halving; three times as many where the loss is still
/// below the first losses.</para>
/// </remarks>
public sealed class BlowUpRule : IDivergenceRule
{
    private const double Raised = 1.2;
    private const double SuddenMargin = 1.3;
    private const double SlowMargin = 3.5;
    private const int Memory = 1000;
    private const double PastFactor = 1.2;
    private const double PastMargin = 0.7;
    private const double StillGrowing = 0.4;
    private const int Recent = 4;
    private const int Lag = 2;
    private const double NoiseMargin = 2.5;
    private const double MostNoise = 4;
    private const double LeastGrowth = 0.05;
    private const double TooHigh = 200;

    /// <summary>Steps of rise before a climb counts.</summary>
    public const int Climb = 9;

    /// <summary>Steps up to which a rise is a sudden one.</summary>
    public const int Sudden = 13;

    /// <summary>Steps over the bar after which the loss need not climb any more.</summary>
    public const int Plateau = 50;

    private readonly DetectionSpecification _detection;
    private readonly double _guessing;
    private readonly LossLevel _level;
    private readonly FarFromGuessing _far;
    private readonly EndlessFall _fall = new();
    private BlowUpState _state = new();
    private int _step;

    /// <summary>The rule for a run on data for which guessing gives this.</summary>
    public BlowUpRule(RunSpecification specification, Guessing guessing)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(guessing);
        _detection = specification.Detection;
        _guessing = guessing.Loss;
        _level = new LossLevel(guessing.Loss);
        _far = new FarFromGuessing(guessing.Loss);
    }

    /// <inheritdoc/>
    public int? SuspectedOnset => _state.Unusual > 0 ? Math.Max(0, _step - _state.Unusual) : null;

    /// <inheritdoc/>
    public DivergenceFinding? Observe(in StepMetrics metrics)
    {
        BlowUpState s = _state;
        _step = metrics.Step;
        bool warmingUp = Warmup.IsUnderway(s.LearningRate, metrics.LearningRate);
        s.LearningRate = metrics.LearningRate;
        if (!_level.Started && !double.IsFinite(metrics.Loss))
        {
            // Nothing to compare with yet; a first loss that is not finite is another rule's.
            return null;
        }

        s.High = _level.Started && !(_level.Of(metrics.Loss) <= TooHigh) ? s.High + 1 : 0;
        double loss = _level.Of(_level.Add(metrics.Loss, healthy: s.Rise == 0));
        double level = Math.Max(1, _level.Of(_level.Average));
        double height = Math.Log(level);
        Follow(s, height, loss);
        double factor = Math.Log(_detection.BlowUpFactor);
        double past = s.Past > 0 ? (PastFactor * s.Past) + PastMargin : 0;
        bool over = height > factor;
        s.Over = over ? s.Over + 1 : 0;

        // Staying up: no halving.
        double bar = Math.Max(factor, s.Past > 0 ? s.Past + (0.5 * PastMargin) : 0);
        bool staying = height > bar;
        bool halved = height < s.Top - Math.Log(2);
        s.Stay = staying && !halved ? s.Stay + 1 : 0;
        s.Top = !staying ? 0 : halved ? height : Math.Max(s.Top, height);
        int patience = Math.Max(Plateau * (_level.Average < 0.9 * _level.Start ? 3 : 1), _detection.BlowUpPatience);

        double noise = NoiseMargin * Math.Min(MostNoise, _level.Noise / _level.Scale);
        double climbBar = Math.Max(
            Math.Log((_detection.BlowUpFactor * (s.Rise <= Sudden ? SuddenMargin : SlowMargin)) + noise), past);
        bool climbing = s.Rise >= Climb && s.Over >= _detection.BlowUpPatience && height > climbBar && height >= s.Peak
            && (level > TooHigh || IsGrowing(s)) && loss >= s.PeakLoss * Math.Exp(-s.Jitter);
        bool far = _far.Add(_level.Average, warmingUp);
        bool falling = _fall.Add(_level);
        bool high = s.High >= Math.Max(Climb, _detection.BlowUpPatience);
        return climbing || high || s.Stay >= patience
            ? new DivergenceFinding(
                $"The smoothed loss {_level.Average:G4} at step {metrics.Step} is {level:G3} times as high as its reference "
                    + $"{_level.Reference:G4} (allowed {Math.Exp(climbing ? climbBar : high ? Math.Log(TooHigh) : bar):G3}"
                    + (_level.Scale == _level.Reference ? "" : $", in units of {_level.Scale:G3}")
                    + $") and was over the bar for {(climbing ? s.Over : high ? s.High : s.Stay)} steps running" + (climbing ? ", still climbing." : "."),
                Math.Max(0, metrics.Step - s.Unusual))
            : far ? new DivergenceFinding(
                $"The smoothed loss {_level.Average:G4} at step {metrics.Step} is {_level.Average / _guessing:G3} times that of "
                    + $"guessing ({_guessing:G4}) and has not come down for {FarFromGuessing.Patience} steps.",
                _far.Onset(metrics.Step))
            : falling ? new DivergenceFinding(
                $"The smoothed loss {_level.Average:G4} at step {metrics.Step} falls without bound: every doubling of its way down "
                    + $"from {_level.Start:G4} took about {_fall.State.Longest} steps.",
                _fall.Onset(metrics.Step))
            : null;
    }

    /// <inheritdoc/>
    public JsonElement SaveState()
    {
        _state.Level = _level.State;
        _state.Far = _far.State;
        _state.Fall = _fall.State;
        return JsonSerializer.SerializeToElement(_state, BlowUpStateJson.Default.BlowUpState);
    }

    /// <inheritdoc/>
    /// <remarks>What older versions remembered is another thing under the same name: then the rule starts afresh.</remarks>
    public void LoadState(JsonElement state)
    {
        BlowUpState loaded = state.Deserialize(BlowUpStateJson.Default.BlowUpState) ?? throw new JsonException("null is no state.");
        _state = loaded.Level is null ? new BlowUpState() : loaded;
        if (_state.Logs.Length != Recent + 1)
        {
            throw new JsonException($"The state of blow-up holds {_state.Logs.Length} levels instead of {Recent + 1}.");
        }

        _level.Load(_state.Level ?? new());
        _far.State = _state.Far ?? new();
        _fall.State = _state.Fall ?? new();
    }

    private static bool IsGrowing(BlowUpState s)
    {
        double mean = s.Logs[Recent] / (s.Rise + Lag);
        return (s.Logs[Recent] - s.Logs[0]) / Recent > (StillGrowing * mean) + Math.Min(LeastGrowth, 0.25 * mean);
    }

    /// <summary>Follows a rise from its beginning to where it has come down.</summary>
    private static void Follow(BlowUpState s, double height, double loss)
    {
        double usual = Math.Max(Math.Log(Raised), s.Past);
        double log = Math.Log(Math.Max(loss, 0.1));
        if (height > Math.Log(Raised))
        {
            s.Rise++;
            s.Peak = Math.Max(s.Peak, height);
            s.PeakLoss = Math.Max(s.PeakLoss, loss);
        }
        else
        {
            s.Past = Math.Max(s.Past, s.Peak);
            s.Jitter += 0.05 * (Math.Abs(log - s.Logs[Recent]) - s.Jitter);
            (s.Rise, s.Peak, s.PeakLoss) = (0, 0, 0);
        }

        s.Past *= 1 - (1.0 / Memory);
        s.Unusual = height > usual ? s.Unusual + 1 : 0;
        Array.Copy(s.Logs, 1, s.Logs, 0, Recent);
        s.Logs[Recent] = log;
    }
}

/// <summary>What <see cref="BlowUpRule"/> remembers. Heights are logarithms of levels.</summary>
internal sealed class BlowUpState
{
    /// <summary>The levels; null in what older versions wrote.</summary>
    public LossLevelState? Level { get; set; }

    /// <summary>Of the comparison with guessing.</summary>
    public FarFromGuessingState? Far { get; set; }

    /// <summary>Of the way down.</summary>
    public EndlessFallState? Fall { get; set; }

    /// <summary>Steps of the present rise.</summary>
    public int Rise { get; set; }

    /// <summary>Greatest height of the present rise.</summary>
    public double Peak { get; set; }

    /// <summary>Greatest level of a loss in it, cut off like every loss.</summary>
    public double PeakLoss { get; set; }

    /// <summary>Greatest height of the rises that came down, forgotten slowly.</summary>
    public double Past { get; set; }

    /// <summary>Steps running above all that is usual.</summary>
    public int Unusual { get; set; }

    /// <summary>Steps running with a loss that is too high for any transient.</summary>
    public int High { get; set; }

    /// <summary>Steps running over the factor.</summary>
    public int Over { get; set; }

    /// <summary>Steps running over the bar of a plateau without halving.</summary>
    public int Stay { get; set; }

    /// <summary>Greatest height since the last halving.</summary>
    public double Top { get; set; }

    /// <summary>Usual change of the loss's logarithm from one step to the next, outside of rises.</summary>
    public double Jitter { get; set; } = 0.2;

    /// <summary>Logarithms of the last five losses' levels, oldest first.</summary>
    public double[] Logs { get; set; } = new double[5];

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; set; }
}

/// <summary>JSON of <see cref="BlowUpState"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BlowUpState))]
internal sealed partial class BlowUpStateJson : JsonSerializerContext;
