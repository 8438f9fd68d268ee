using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>
/// The loss that curvature is taken of: that of training without the L2 term, over the run's fixed training examples,
/// on a network of its own on the CPU, so that the trainer's tensors are never touched.
/// </summary>
/// <remarks>
/// Batch normalisation uses the statistics of the Hessian batch, as training does, and moves no buffer; dropout is off
/// (<see cref="NetworkMode.Measure"/>). Not for use by several threads at once.
/// </remarks>
internal sealed class SnapshotLoss : IDisposable
{
    private readonly RunSpecification _specification;
    private readonly LossFunction _loss;
    private readonly Network _network;
    private readonly List<(Tensor Inputs, Tensor Targets)> _batches = [];

    /// <summary>The loss of the snapshots of one run.</summary>
    /// <param name="specification">The run.</param>
    /// <param name="train">Its training examples.</param>
    /// <param name="examples">Size of the fixed set of training examples.</param>
    /// <exception cref="ArgumentException">The specification names something unknown, or wants more examples than there are.</exception>
    public SnapshotLoss(RunSpecification specification, ExampleSet train, int examples)
    {
        _specification = specification;
        Examples = examples;
        _loss = LossRegistry.Losses[specification.Training.Loss];
        _network = ModelRegistry.Build(specification.Model, new NetworkOptions(train.Shape, train.Classes, CPU));
        foreach (long[] indices in FixedSubset.Draw(train.Count, examples, specification.Seed)
            .Chunk(specification.Curvature.BatchSize))
        {
            (Tensor inputs, Tensor targets) = train.Batch(indices);
            _batches.Add((inputs.DetachFromDisposeScope(), targets.DetachFromDisposeScope()));
        }
    }

    /// <summary>Examples that the loss is averaged over.</summary>
    public int Examples { get; }

    /// <summary>The network's parameters in declaration order.</summary>
    public IReadOnlyList<NamedTensor> Parameters => _network.Parameters;

    /// <summary>Goes to the parameters and buffers of a snapshot.</summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public void Load(SnapshotBuffer snapshot)
    {
        NativeThreads.Use(_specification.Training.Threads);
        ModelState.Load(_network, snapshot);
    }

    /// <summary>The Hessian in these parameters, or in all; the caller disposes it before the next <see cref="Load"/>.</summary>
    public HessianOperator Hessian(IReadOnlyList<Tensor>? parameters = null) => new(
        parameters ?? [.. _network.Parameters.Select(parameter => parameter.Value)],
        [
            .. _batches.Select(batch => new LossTerm(
                () => _loss(_network.Forward(batch.Inputs, NetworkMode.Measure), batch.Targets),
                batch.Targets.shape[0] / (double)Examples)),
        ]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor inputs, Tensor targets) in _batches)
        {
            inputs.Dispose();
            targets.Dispose();
        }

        _network.Dispose();
    }
}
