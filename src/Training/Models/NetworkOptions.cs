using CurvatureActors.Training.Data;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>What a network is built for, beside its specification.</summary>
/// <param name="Shape">Shape of one example's input.</param>
/// <param name="Classes">Number of classes of the targets, hence of outputs.</param>
/// <param name="Device">Where parameters and buffers live.</param>
/// <param name="ScalarType">float32, or float64 for tests against finite differences.</param>
/// <param name="Dropout">
/// CPU generator of the dropout masks, not owned by the network; may be null when the network never runs in
/// <see cref="NetworkMode.Train"/> or has no dropout.
/// </param>
public sealed record NetworkOptions(
    ExampleShape Shape,
    int Classes,
    Device Device,
    ScalarType ScalarType = ScalarType.Float32,
    Generator? Dropout = null)
{
    /// <summary>
    /// Whether layer and group normalisations use torch's kernels, but in <see cref="NetworkMode.Primitive"/>: what
    /// <see cref="Specification.ModelSpecification.FusedNormalization"/> says, which <see cref="ModelRegistry"/> writes here.
    /// </summary>
    public bool FusedNormalization { get; init; }

    internal ImageShape Image() => Shape as ImageShape ?? throw Other("images");

    internal SequenceShape Sequence() => Shape as SequenceShape ?? throw Other("texts");

    internal VectorShape Vector() => Shape as VectorShape ?? throw Other("vectors");

    private ArgumentException Other(string wanted) => new(
        $"This model takes {wanted}; the data set has {Shape.What}.");
}
