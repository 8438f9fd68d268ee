using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Schedules;

namespace CurvatureActors.Actors.Configuration;

/// <summary>The members of each family that a file may name: those of its registry, in the order in which errors list them.</summary>
public static class AllowedNames
{
    /// <summary>data.name</summary>
    public static IReadOnlyList<string> DataSets => Training.Data.DataSets.All.Names;

    /// <summary>model.kind</summary>
    public static IReadOnlyList<string> Models => ModelRegistry.Models.Names;

    /// <summary>model.normalization</summary>
    public static IReadOnlyList<string> Normalizations => Normalization.Kinds.Names;

    /// <summary>model.transformer.normalization-position and that of lstm</summary>
    public static IReadOnlyList<string> NormalizationPositions => Transformer.NormalizationPositions;

    /// <summary>model.activation</summary>
    public static IReadOnlyList<string> Activations => Activation.Functions.Names;

    /// <summary>init.kind</summary>
    public static IReadOnlyList<string> Initialisations => Training.Initialisation.Initialisations.All.Names;

    /// <summary>init.phase</summary>
    public static IReadOnlyList<string> InitialisationPhases { get; } = ["none", "metainit", "gradinit"];

    /// <summary>optimizer.second-moment-init</summary>
    public static IReadOnlyList<string> SecondMomentInits => Adam.SecondMomentInits;

    /// <summary>schedule.warmup-from</summary>
    public static IReadOnlyList<string> WarmupStarts => LearningRate.WarmupStarts;

    /// <summary>optimizer.kind</summary>
    public static IReadOnlyList<string> Optimizers => OptimizerRegistry.Optimizers.Names;

    /// <summary>schedule.kind</summary>
    public static IReadOnlyList<string> Schedules => LearningRateSchedules.All.Names;

    /// <summary>training.loss</summary>
    public static IReadOnlyList<string> Losses => LossRegistry.Losses.Names;

    /// <summary>detection.rules</summary>
    public static IReadOnlyList<string> Rules => DivergenceRules.All.Names;

    /// <summary>recovery.ladder</summary>
    public static IReadOnlyList<string> Remedies => Training.Recovery.Remedies.All.Names;

    /// <summary>snapshot.when-unwritable</summary>
    public static IReadOnlyList<string> WhenUnwritable { get; } =
        [.. Enum.GetNames<WhenUnwritable>().Select(name => name.ToLowerInvariant())];

    /// <summary>probe.policy</summary>
    public static IReadOnlyList<string> ProbePolicies { get; } =
        [.. Enum.GetNames<ProbePolicy>().Select(name => name.ToLowerInvariant())];

    /// <summary>probe.spacing, and the same of each kind</summary>
    public static IReadOnlyList<string> Spacings { get; } =
        [.. Enum.GetNames<Spacing>().Select(name => name.ToLowerInvariant())];
}
