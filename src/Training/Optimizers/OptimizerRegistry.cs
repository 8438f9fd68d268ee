namespace CurvatureActors.Training.Optimizers;

/// <summary>The optimizers by name.</summary>
public static class OptimizerRegistry
{
    /// <summary><c>sgd</c>, <c>heavy-ball</c>, <c>nesterov</c>, <c>adam</c>, <c>adamw</c>.</summary>
    public static Registry<OptimizerKind> Optimizers { get; } = new(
        "optimizer",
        ("sgd", new((specification, parameters) => new StochasticGradientDescent(specification, parameters))),
        ("heavy-ball", new((specification, parameters) => new HeavyBall(specification, parameters))),
        ("nesterov", new((specification, parameters) => new Nesterov(specification, parameters))),
        ("adam", new(
            (specification, parameters) => new Adam(specification, parameters, decoupled: false),
            Adam.PreconditionerDiagonal)),
        ("adamw", new(
            (specification, parameters) => new Adam(specification, parameters, decoupled: true),
            Adam.PreconditionerDiagonal)));
}
