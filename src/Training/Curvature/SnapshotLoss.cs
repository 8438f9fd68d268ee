using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
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
    private readonly SnapshotLossOptions _options;
    private readonly ExampleSet _train;
    private readonly Network _network;
    private readonly List<(Tensor Inputs, Tensor Targets)> _batches = [];

    /// <summary>The loss of the snapshots of one run.</summary>
    /// <param name="specification">The run.</param>
    /// <param name="train">Its training examples.</param>
    /// <param name="options">What differs from how the run measures; nothing when null.</param>
    /// <exception cref="ArgumentException">The specification names something unknown, or wants more examples than there are.</exception>
    public SnapshotLoss(RunSpecification specification, ExampleSet train, SnapshotLossOptions? options = null)
    {
        _options = options ?? new SnapshotLossOptions();
        _specification = specification;
        _train = train;
        Examples = _options.Examples ?? specification.Curvature.Examples;
        BatchSize = _options.BatchSize ?? specification.Curvature.BatchSize;
        _loss = LossRegistry.Curved[specification.Training.Loss];
        _network = Built(_options.ScalarType);
        foreach (long[] indices in FixedSubset.Draw(train.Count, Examples, specification.Seed).Chunk(BatchSize))
        {
            (Tensor inputs, Tensor targets) = Batch(indices);
            _batches.Add((inputs.DetachFromDisposeScope(), targets.DetachFromDisposeScope()));
        }
    }

    /// <summary>Examples that the loss is averaged over.</summary>
    public int Examples { get; }

    /// <summary>Examples of a batch: of a graph that is kept or built again as a whole.</summary>
    public int BatchSize { get; }

    /// <summary>The network's parameters in declaration order.</summary>
    public IReadOnlyList<NamedTensor> Parameters => _network.Parameters;

    /// <summary>Goes to the parameters and buffers of a snapshot.</summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public void Load(SnapshotBuffer snapshot)
    {
        NativeThreads.Use(_specification.Training.Threads);
        if (_options.ScalarType == ScalarType.Float32)
        {
            ModelState.Load(_network, snapshot);
            return;
        }

        using Network stored = Built(ScalarType.Float32);
        ModelState.Load(stored, snapshot);
        CopyState(stored, _network);
    }

    /// <summary>The Hessian in these parameters, or in all; the caller disposes it before the next <see cref="Load"/>.</summary>
    public HessianOperator Hessian(IReadOnlyList<Tensor>? parameters = null) => new(parameters ?? All, Terms(), Graphs);

    /// <summary>The Gauss-Newton matrix in these parameters; the caller disposes it before the next <see cref="Load"/>.</summary>
    public GaussNewtonOperator GaussNewton(IReadOnlyList<Tensor> parameters)
    {
        OutputHessian outputs = LossRegistry.OutputHessians[_specification.Training.Loss];
        return new GaussNewtonOperator(
            parameters,
            [
                .. _batches.Select(batch => new OutputTerm(
                    () => _network.Forward(batch.Inputs, NetworkMode.Measure), outputs, Weight(batch.Targets))),
            ],
            Graphs);
    }

    /// <summary>
    /// The Hessian in these parameters by central differences, which move the parameters while they multiply: no other
    /// operator of this loss may be in use. The caller disposes it before the next <see cref="Load"/>.
    /// </summary>
    public FiniteDifferenceHessianOperator FiniteDifferences(IReadOnlyList<Tensor> parameters) => new(parameters, Terms());

    /// <summary>The loss as it is.</summary>
    public double Value()
    {
        using IDisposable quiet = no_grad();
        return MeanOver(_network);
    }

    /// <summary>The Hessian of each of some batches of the training's own size, the same ones at every snapshot.</summary>
    /// <param name="count">How many batches.</param>
    /// <returns>One after the other; the caller disposes each before the next <see cref="Load"/>.</returns>
    public IEnumerable<HessianOperator> TrainingBatches(int count)
    {
        // Not the batches of the first steps themselves: these have been trained on when they are measured.
        var sampler = new BatchSampler(
            _train.Count, _specification.Training.BatchSize,
            unchecked((int)SeedDerivation.Derive(_specification.Seed, "batch-sharpness")));
        long[] indices = new long[_specification.Training.BatchSize];
        for (int i = 0; i < count; i++)
        {
            sampler.Next(indices);
            (Tensor drawn, Tensor classes) = Batch(indices);
            using Tensor images = drawn.DetachFromDisposeScope();
            using Tensor labels = classes.DetachFromDisposeScope();
            yield return new HessianOperator(
                All, [new LossTerm(() => _loss(_network.Forward(images, NetworkMode.Measure), labels))], Graphs);
        }
    }

    /// <summary>The loss at w + length * direction. The network's own parameters stay: its graphs need them.</summary>
    /// <param name="direction">Shape [number of parameters].</param>
    /// <param name="length">Any number.</param>
    public double At(Tensor direction, double length)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using Network moved = Copy(_options.ScalarType);
        using FlatTensors flat = new(moved.Parameters, _options.ScalarType, CPU);
        using Scalar factor = length.ToScalar();
        flat.Values.add_(direction, factor);
        return MeanOver(moved);
    }

    /// <summary>A network with the same parameters and buffers, in another precision; the caller disposes it.</summary>
    public Network Copy(ScalarType scalarType)
    {
        Network copy = Built(scalarType);
        CopyState(_network, copy);
        return copy;
    }

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

    private OperatorOptions Graphs => new() { SharedGraphMemory = _options.Graphs };

    private Tensor[] All => [.. _network.Parameters.Select(parameter => parameter.Value)];

    private double Weight(Tensor labels) => labels.shape[0] / (double)Examples;

    private LossTerm[] Terms() =>
    [
        .. _batches.Select(batch => new LossTerm(
            () => _loss(_network.Forward(batch.Inputs, NetworkMode.Measure), batch.Targets), Weight(batch.Targets))),
    ];

    private double MeanOver(Network network) => _batches.Sum(batch =>
    {
        using DisposeScope scope = NewDisposeScope();
        return Numbers.Of(_loss(network.Forward(batch.Inputs, NetworkMode.Measure), batch.Targets)) * Weight(batch.Targets);
    });

    /// <summary>Examples with their inputs in the network's precision, unless they are symbols.</summary>
    private (Tensor Inputs, Tensor Targets) Batch(long[] indices)
    {
        (Tensor inputs, Tensor targets) = _train.Batch(indices);
        if (!inputs.is_floating_point() || inputs.dtype == _options.ScalarType)
        {
            return (inputs, targets);
        }

        using (inputs)
        {
            return (inputs.to(_options.ScalarType), targets);
        }
    }

    private static void CopyState(Network from, Network to)
    {
        using IDisposable quiet = no_grad();
        foreach ((NamedTensor own, NamedTensor other) in from.Parameters.Concat(from.Buffers).Zip(to.Parameters.Concat(to.Buffers)))
        {
            other.Value.copy_(own.Value);
        }
    }

    private Network Built(ScalarType scalarType) =>
        ModelRegistry.Build(_specification.Model, new NetworkOptions(_train.Shape, _train.Classes, CPU, scalarType));
}
