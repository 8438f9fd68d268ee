using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Products;

/// <summary>The loss over the fixed examples that the program itself measures, as one batch.</summary>
internal sealed class MeasuredLoss : IDisposable
{
    private readonly RunSpecification _specification;
    private readonly Network _network;
    private readonly Tensor _images;
    private readonly Tensor _labels;

    internal MeasuredLoss(RunSpecification specification, ImageDataSet train)
    {
        _specification = specification;
        _network = ModelRegistry.Build(specification.Model, new NetworkOptions(train.Shape, train.Classes, CPU));
        (_images, _labels) = train.Batch(FixedSubset.Draw(train.Count, specification.Curvature.Examples, specification.Seed));
    }

    /// <summary>Its Hessian at a snapshot; the caller disposes it before the next one.</summary>
    internal HessianOperator At(SnapshotBuffer snapshot)
    {
        ModelState.Load(_network, snapshot);
        return new HessianOperator(
            [.. _network.Parameters.Select(parameter => parameter.Value)],
            [
                new LossTerm(() => LossRegistry.Losses[_specification.Training.Loss](
                    _network.Forward(_images, NetworkMode.Measure), _labels)),
            ]);
    }

    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
        _network.Dispose();
    }
}
