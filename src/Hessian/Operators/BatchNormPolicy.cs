namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Which statistics batch normalisation uses while curvature is measured. The two give different matrices, so it is
/// always chosen, never assumed; no value is 0, so a forgotten one is refused. Running statistics are changed by neither.
/// </summary>
/// <remarks>Instance normalisation that tracks running statistics follows it too.</remarks>
public enum BatchNormPolicy
{
    /// <summary>
    /// Those of the batch, as in a training step: the loss that the optimizer sees. Examples of a batch are coupled, so
    /// the sum over batches depends on how the examples are divided and is not the loss of one full batch.
    /// </summary>
    BatchStatistics = 1,

    /// <summary>
    /// The stored running mean and variance, as in evaluation: constants, so examples are independent. A layer without
    /// running statistics has only those of the batch.
    /// </summary>
    RunningStatistics = 2,
}
