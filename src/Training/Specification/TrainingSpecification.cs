namespace CurvatureActors.Training.Specification;

/// <summary>Length, batches, loss and clipping of a run.</summary>
public sealed record TrainingSpecification
{
    /// <summary>Number of optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Examples per step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Registered loss: <c>cross-entropy</c>, <c>mse</c> (against one-hot labels); means over the batch.</summary>
    public required string Loss { get; init; }

    /// <summary>Clip the global gradient norm to this; null for no clipping.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Native threads per trainer. Sums are split by thread, so this is part of what makes results equal.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps between snapshots. Decides where a rollback can land, hence part of the trajectory.</summary>
    public required int SnapshotEvery { get; init; }
}
