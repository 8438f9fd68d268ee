using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>How a <see cref="SnapshotLoss"/> differs from what its run measures.</summary>
internal sealed record SnapshotLossOptions
{
    /// <summary>Size of the fixed set of training examples; null for the run's.</summary>
    public int? Examples { get; init; }

    /// <summary>Examples per batch; null for the run's. With batch normalisation another number is another loss.</summary>
    public int? BatchSize { get; init; }

    /// <summary>float32, in which the run trains, or float64.</summary>
    public ScalarType ScalarType { get; init; } = ScalarType.Float32;

    /// <summary>
    /// What the kept graphs of all its operators share with others; null to keep all. No bit of a product depends on it:
    /// the batches stay, and those whose graph is not kept are gone through in the same order.
    /// </summary>
    public GraphBudget? Graphs { get; init; }
}
