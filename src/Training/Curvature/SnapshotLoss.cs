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
    private readonly ExampleSet _train;
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
        _train = train;
        Examples = examples;
        _loss = LossRegistry.Losses[specification.Training.Loss];
        _network = Built(ScalarType.Float32);
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
    public HessianOperator Hessian(IReadOnlyList<Tensor>? parameters = null) => new(parameters ?? All, Terms());

    /// <summary>The Gauss-Newton matrix in these parameters; the caller disposes it before the next <see cref="Load"/>.</summary>
    public GaussNewtonOperator GaussNewton(IReadOnlyList<Tensor> parameters)
    {
        OutputHessian outputs = LossRegistry.OutputHessians[_specification.Training.Loss];
        return new GaussNewtonOperator(
            parameters,
            [
                .. _batches.Select(batch => new OutputTerm(
                    () => _network.Forward(batch.Inputs, NetworkMode.Measure), outputs, Weight(batch.Targets))),
            ]);
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
            (Tensor drawn, Tensor classes) = _train.Batch(indices);
            using Tensor images = drawn.DetachFromDisposeScope();
            using Tensor labels = classes.DetachFromDisposeScope();
            yield return new HessianOperator(
                All, [new LossTerm(() => _loss(_network.Forward(images, NetworkMode.Measure), labels))]);
        }
    }

    /// <summary>The loss at w + length * direction. The network's own parameters stay: its graphs need them.</summary>
    /// <param name="direction">Shape [number of parameters].</param>
    /// <param name="length">Any number.</param>
    public double At(Tensor direction, double length)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using Network moved = Copy(ScalarType.Float32);
        using FlatTensors flat = new(moved.Parameters, ScalarType.Float32, CPU);
        using Scalar factor = length.ToScalar();
        flat.Values.add_(direction, factor);
        return MeanOver(moved);
    }

    /// <summary>A network with the same parameters and buffers, in another precision; the caller disposes it.</summary>
    public Network Copy(ScalarType scalarType)
    {
        using IDisposable quiet = no_grad();
        Network copy = Built(scalarType);
        foreach ((NamedTensor from, NamedTensor to) in _network.Parameters.Concat(_network.Buffers).Zip(copy.Parameters.Concat(copy.Buffers)))
        {
            to.Value.copy_(from.Value);
        }

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
        return _loss(network.Forward(batch.Inputs, NetworkMode.Measure), batch.Targets).item<float>() * Weight(batch.Targets);
    });

    private Network Built(ScalarType scalarType) =>
        ModelRegistry.Build(_specification.Model, new NetworkOptions(_train.Shape, _train.Classes, CPU, scalarType));
}
