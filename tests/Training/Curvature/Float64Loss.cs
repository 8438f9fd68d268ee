using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>
/// The oracles' loss: a snapshot's network in float64 over given batches, weighted by their examples, with first
/// derivatives only. Shares no code with the products, the solvers or the batching that it judges.
/// </summary>
internal sealed class Float64Loss : IDisposable
{
    private const double Step = 1e-5;

    private readonly LossFunction _loss;
    private readonly Network _network;
    private readonly List<(Tensor Images, Tensor Labels)> _batches = [];
    private readonly double _examples;

    public Float64Loss(RunSpecification specification, ExampleSet train, SnapshotBuffer snapshot, IEnumerable<long[]> batches)
    {
        _loss = LossRegistry.Losses[specification.Training.Loss];
        _network = ModelRegistry.Build(
            specification.Model, new NetworkOptions(train.Shape, train.Classes, CPU, ScalarType.Float64));
        using IDisposable quiet = no_grad();
        foreach (NamedTensor parameter in _network.Parameters)
        {
            using Tensor stored = snapshot.Tensor(ModelState.ParameterPrefix + parameter.Name);
            parameter.Value.copy_(stored.to(ScalarType.Float64));
        }

        foreach (long[] batch in batches)
        {
            (Tensor images, Tensor labels) = train.Batch(batch);
            _batches.Add((images.to(ScalarType.Float64).DetachFromDisposeScope(), labels.DetachFromDisposeScope()));
            _examples += batch.Length;
        }
    }

    /// <summary>Over the fixed examples of the run, in its Hessian batches.</summary>
    public static Float64Loss OverExamples(RunSpecification specification, ExampleSet train, SnapshotBuffer snapshot) => new(
        specification, train, snapshot,
        FixedSubset.Draw(train.Count, specification.Curvature.Examples, specification.Seed).Chunk(specification.Curvature.BatchSize));

    /// <summary>Elements of each parameter, in order.</summary>
    public IReadOnlyList<(string Name, int Count)> Layout =>
        [.. _network.Parameters.Select(parameter => (parameter.Name, (int)parameter.Value.numel()))];

    /// <summary>All parameters, one after the other.</summary>
    public double[] Values
    {
        get => [.. _network.Parameters.SelectMany(parameter => parameter.Value.detach().cpu().data<double>().ToArray())];
        set
        {
            using IDisposable quiet = no_grad();
            int offset = 0;
            foreach (NamedTensor parameter in _network.Parameters)
            {
                int count = (int)parameter.Value.numel();
                parameter.Value.copy_(tensor(value[offset..(offset + count)]).view(parameter.Value.shape));
                offset += count;
            }
        }
    }

    public double Loss()
    {
        using DisposeScope scope = NewDisposeScope();
        return _batches.Sum(batch => Weighted(batch).item<double>());
    }

    public double[] Gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (NamedTensor parameter in _network.Parameters)
        {
            parameter.Value.grad = null;
        }

        foreach ((Tensor Images, Tensor Labels) batch in _batches)
        {
            Weighted(batch).backward();
        }

        return [.. _network.Parameters.SelectMany(parameter => parameter.Value.grad!.cpu().data<double>().ToArray())];
    }

    /// <summary>The Hessian times a vector, from central differences of gradients.</summary>
    public double[] Product(double[] vector)
    {
        double[] original = Values;
        Values = [.. original.Zip(vector, (value, direction) => value + (Step * direction))];
        double[] above = Gradient();
        Values = [.. original.Zip(vector, (value, direction) => value - (Step * direction))];
        double[] below = Gradient();
        Values = original;
        return [.. above.Zip(below, (up, down) => (up - down) / (2 * Step))];
    }

    public void Dispose()
    {
        _network.Dispose();
        foreach ((Tensor images, Tensor labels) in _batches)
        {
            images.Dispose();
            labels.Dispose();
        }
    }

    private Tensor Weighted((Tensor Images, Tensor Labels) batch) =>
        _loss(_network.Forward(batch.Images, NetworkMode.Measure), batch.Labels) * (batch.Labels.shape[0] / _examples);
}
