using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Divergence;

/// <summary>How a rule is made and how far back its evidence reaches.</summary>
/// <param name="Create">Makes the rule for a run on data for which guessing gives this.</param>
/// <param name="Onset">
/// For verdicts of older versions, which say no <see cref="DivergenceVerdict.OnsetStep"/>: steps before the verdict at
/// which the trouble may have begun, beyond the usual <see cref="RecoverySpecification.HealthyAfter"/>;
/// <see cref="int.MaxValue"/> when it may be there since initialisation.
/// </param>
public sealed record DivergenceRuleRegistration(
    Func<RunSpecification, Guessing, IDivergenceRule> Create, Func<DetectionSpecification, int> Onset);
