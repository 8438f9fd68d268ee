namespace CurvatureActors.Training.Specification;

/// <summary>When a run counts as diverging: the rules in use and their constants (see each rule).</summary>
public sealed record DetectionSpecification
{
    /// <summary>Registered rules in the order in which they are asked: <c>non-finite</c>, <c>blow-up</c>, <c>silent-failure</c>, <c>stall</c>.</summary>
    public required EquatableList<string> Rules { get; init; }

    /// <summary>blow-up: fires when the smoothed loss exceeds this multiple of its reference.</summary>
    public required double BlowUpFactor { get; init; }

    /// <summary>blow-up: for so many steps running.</summary>
    public required int BlowUpPatience { get; init; }

    /// <summary>silent-failure: not asked before this step.</summary>
    public required int SilentFailureAfter { get; init; }

    /// <summary>silent-failure: fires when smoothed accuracy is under this multiple of chance and the loss is no better than guessing.</summary>
    public required double SilentFailureChanceFactor { get; init; }

    /// <summary>stall: steps without progress after which it fires.</summary>
    public required int StallWindow { get; init; }

    /// <summary>stall: never fires once the smoothed loss is under this fraction of the first loss.</summary>
    public required double StallAbove { get; init; }
}
