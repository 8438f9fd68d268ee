using CurvatureActors.Hessian;

namespace CurvatureActors.Training.Optimizers;

/// <summary>The optimizers by name.</summary>
public static class OptimizerRegistry
{
    /// <summary><c>sgd</c>, <c>heavy-ball</c>, <c>nesterov</c>, <c>adam</c>, <c>adamw</c>, <c>rmsprop</c>.</summary>
    public static Registry<OptimizerKind> Optimizers { get; } = new(
        "optimizer",
        ("sgd", new(
            (specification, parameters) => new StochasticGradientDescent(specification, parameters),
            specification => new(StabilityThreshold.SgdConstant, specification.WeightDecay, "2/η"))),
        ("heavy-ball", new(
            (specification, parameters) => new HeavyBall(specification, parameters),
            specification => new(
                StabilityThreshold.HeavyBallConstant(specification.Momentum), specification.WeightDecay, "2(1+β)/η"))),
        ("nesterov", new(
            (specification, parameters) => new Nesterov(specification, parameters),
            specification => new(
                StabilityThreshold.NesterovConstant(specification.Momentum), specification.WeightDecay,
                "2(1+β)/((1+2β)η)"))),
        ("adam", new(
            (specification, parameters) => new Adam(specification, parameters, decoupled: false),
            specification => new(
                StabilityThreshold.AdamConstant(specification.Beta1), 0, "2(1+β1)/((1−β1)η)",
                AddedToHessian: specification.WeightDecay),
            Adam.PreconditionerDiagonal)),
        ("adamw", new(
            (specification, parameters) => new Adam(specification, parameters, decoupled: true),
            specification => new(
                StabilityThreshold.AdamConstant(specification.Beta1),
                specification.WeightDecay * StabilityThreshold.AdamConstant(specification.Beta1) / 2,
                "2(1+β1)/((1−β1)η)"),
            Adam.PreconditionerDiagonal)),
        ("rmsprop", new(
            (specification, parameters) => new RmsProp(specification, parameters),
            specification => new(
                StabilityThreshold.SgdConstant, 0, "2/η", AddedToHessian: specification.WeightDecay),
            RmsProp.PreconditionerDiagonal)));
}
