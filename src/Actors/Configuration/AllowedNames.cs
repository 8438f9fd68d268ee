namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// The members of each family that a file may name, in the order in which errors list them. The registries hold the
/// implementations; a test of the composition root compares the two.
/// </summary>
public static class AllowedNames
{
    /// <summary>data.name</summary>
    public static IReadOnlyList<string> DataSets { get; } = ["fashion-mnist-small", "idx", "cifar-10", "cifar-100"];

    /// <summary>model.kind</summary>
    public static IReadOnlyList<string> Models { get; } = ["mlp", "cnn"];

    /// <summary>model.normalization</summary>
    public static IReadOnlyList<string> Normalizations { get; } = ["none", "batch", "layer"];

    /// <summary>model.activation</summary>
    public static IReadOnlyList<string> Activations { get; } = ["relu", "tanh", "gelu"];

    /// <summary>optimizer.kind</summary>
    public static IReadOnlyList<string> Optimizers { get; } = ["sgd", "heavy-ball", "nesterov", "adam", "adamw"];

    /// <summary>schedule.kind</summary>
    public static IReadOnlyList<string> Schedules { get; } = ["constant", "cosine"];

    /// <summary>training.loss</summary>
    public static IReadOnlyList<string> Losses { get; } = ["cross-entropy", "mse"];

    /// <summary>detection.rules</summary>
    public static IReadOnlyList<string> Rules { get; } = ["non-finite", "blow-up", "silent-failure", "stall"];

    /// <summary>recovery.ladder</summary>
    public static IReadOnlyList<string> Remedies { get; } = ["warmup", "clip", "lower-rate"];

    /// <summary>probe.policy</summary>
    public static IReadOnlyList<string> ProbePolicies { get; } = ["latest", "every", "queue"];
}
