using System.Text.Json;
using System.Text.Json.Serialization;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// Feeds every step's metrics through the rules of a run, in the order of the specification; the first that finds
/// something decides. Its statistics are a function of the metrics it saw and belong in the snapshot: restored from
/// there it goes on bit for bit like the original.
/// </summary>
public sealed class DivergenceDetector
{
    private readonly RunSpecification _specification;
    private readonly (string Name, IDivergenceRule Rule)[] _rules;
    private readonly GradientNormWindow _norms;

    /// <summary>A detector that has seen nothing.</summary>
    /// <param name="specification">The run.</param>
    /// <param name="guessing">What a network gets from its data that only guesses.</param>
    /// <exception cref="ArgumentException">The specification names a rule that is not registered, or one twice.</exception>
    public DivergenceDetector(RunSpecification specification, Guessing guessing)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(guessing);
        _specification = specification;
        _rules = [.. specification.Detection.Rules.Select(
            name => (name, DivergenceRules.All[name].Create(specification, guessing)))];
        _norms = new GradientNormWindow(specification.Recovery.HealthyAfter);
        if (_rules.GroupBy(rule => rule.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The divergence rule \"{twice.Key}\" is listed more than once.", nameof(specification));
        }
    }

    /// <summary>Takes in the next step, before its update is made.</summary>
    /// <returns>A verdict when the run counts as diverging; then the update must not be made.</returns>
    public DivergenceVerdict? Observe(in StepMetrics metrics)
    {
        _norms.Add(metrics.Step, metrics.GradientNorm);
        DivergenceVerdict? verdict = null;
        foreach ((string name, IDivergenceRule rule) in _rules)
        {
            // Every rule sees every step, so that its state does not depend on its neighbours.
            if (rule.Observe(metrics) is { } found && verdict is null)
            {
                verdict = Condemn(metrics.Step, name, found);
            }
        }

        return verdict is null ? null : NoLaterThanSuspected(verdict);
    }

    /// <summary>Judges a run that has made its last step. Changes nothing.</summary>
    /// <returns>A verdict when what came out counts as diverged.</returns>
    public DivergenceVerdict? Conclude(in RunEnd end)
    {
        foreach ((string name, IDivergenceRule rule) in _rules)
        {
            if (rule.Conclude(end) is { } found)
            {
                return NoLaterThanSuspected(Condemn(end.Evaluation.Step, name, found));
            }
        }

        return null;
    }

    /// <summary>A verdict on what no rule sees: the run's state, or its evaluation at the end.</summary>
    /// <param name="step">Where it was found.</param>
    /// <param name="rule">The rule that it counts for.</param>
    /// <param name="evidence">In one sentence for people.</param>
    public DivergenceVerdict Condemn(int step, string rule, string evidence) =>
        new(step, rule, evidence, _norms.HealthyPercentile(step, _specification.Recovery.ClipPercentile));

    /// <summary>Everything the detector remembers, as JSON with exact numbers.</summary>
    public string SaveState() => JsonSerializer.Serialize(
        new DivergenceDetectorState(
            DivergenceDetectorState.CurrentVersion,
            _norms.Save(),
            _rules.ToDictionary(rule => rule.Name, rule => rule.Rule.SaveState())),
        DivergenceDetectorJson.Default.DivergenceDetectorState);

    /// <summary>Takes over what <see cref="SaveState"/> of a detector of the same run gave.</summary>
    /// <exception cref="JsonException">It is not such a state, or is that of other rules.</exception>
    public void LoadState(string state)
    {
        DivergenceDetectorState loaded =
            JsonSerializer.Deserialize(state, DivergenceDetectorJson.Default.DivergenceDetectorState)
            ?? throw new JsonException("null is no state of a divergence detector.");
        if (loaded.Version != DivergenceDetectorState.CurrentVersion)
        {
            throw new JsonException(
                $"The state of a divergence detector has version {loaded.Version}; this program reads "
                + $"{DivergenceDetectorState.CurrentVersion}.");
        }

        if (!loaded.Rules.Keys.ToHashSet().SetEquals(_rules.Select(rule => rule.Name)))
        {
            throw new JsonException(
                $"The state holds the divergence rules {string.Join(", ", loaded.Rules.Keys)}; this run has "
                + $"{string.Join(", ", _rules.Select(rule => rule.Name))}.");
        }

        _norms.Load(loaded.GradientNorms);
        foreach ((string name, IDivergenceRule rule) in _rules)
        {
            rule.LoadState(loaded.Rules[name]);
        }
    }

    private DivergenceVerdict Condemn(int step, string rule, DivergenceFinding found) =>
        Condemn(step, rule, found.Evidence) with { OnsetStep = found.OnsetStep };

    private DivergenceVerdict NoLaterThanSuspected(DivergenceVerdict verdict)
    {
        int onset = verdict.OnsetStep ?? verdict.Step;
        foreach ((_, IDivergenceRule rule) in _rules)
        {
            onset = Math.Min(onset, rule.SuspectedOnset ?? onset);
        }

        return verdict with { OnsetStep = onset };
    }
}

/// <summary>What <see cref="DivergenceDetector"/> remembers.</summary>
internal sealed record DivergenceDetectorState(
    int Version, GradientNormState GradientNorms, Dictionary<string, JsonElement> Rules)
{
    /// <summary>Raised when equal JSON would mean something else.</summary>
    internal const int CurrentVersion = 1;
}

/// <summary>JSON of <see cref="DivergenceDetectorState"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DivergenceDetectorState))]
internal sealed partial class DivergenceDetectorJson : JsonSerializerContext;
