using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>The update rule and its constants.</summary>
public sealed record OptimizerSpecification
{
    /// <summary>Registered optimizer: <c>sgd</c>, <c>heavy-ball</c>, <c>nesterov</c>, <c>adam</c>, <c>adamw</c>,
    /// <c>rmsprop</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Peak learning rate eta.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Momentum beta of heavy ball and Nesterov.</summary>
    public required double Momentum { get; init; }

    /// <summary>Decay of Adam's first moment.</summary>
    public required double Beta1 { get; init; }

    /// <summary>Decay of the second moment of Adam and RMSProp (where PyTorch calls it alpha).</summary>
    public required double Beta2 { get; init; }

    /// <summary>Added to the root of the second moment of Adam and RMSProp.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Weight decay: an L2 term in the gradient, decoupled for adamw.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>
    /// Where Adam's second moment starts: <c>gradient</c> for the square of the first gradient (GI-Adam); null for 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SecondMomentInit { get; init; }
}
