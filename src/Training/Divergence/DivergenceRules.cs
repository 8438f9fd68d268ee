namespace CurvatureActors.Training.Divergence;

/// <summary>The rules that a specification may name.</summary>
public static class DivergenceRules
{
    /// <summary>Every rule by name.</summary>
    public static Registry<DivergenceRuleRegistration> All { get; } = new(
        "divergence rule",
        (NonFiniteRule.Name, new((_, _) => new NonFiniteRule(), Onset: _ => 0)),
        ("blow-up", new((run, guessing) => new BlowUpRule(run, guessing), Onset: _ => 0)),
        // A network that never learned was never healthy: only its initialisation is.
        ("silent-failure", new((run, guessing) => new SilentFailureRule(run, guessing), Onset: _ => int.MaxValue)),
        ("stall", new((run, _) => new StallRule(run), Onset: detection => detection.StallWindow)));
}
