using CurvatureActors.Bench.Memory;
using CurvatureActors.Bench.Workloads;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Curvature;

/// <summary>A network at its initialisation and the loss over some training images, in batches.</summary>
internal sealed class Subject : IDisposable
{
    private readonly RunSpecification _specification;
    private readonly Network _network;
    private readonly List<(Tensor Inputs, Tensor Targets)> _batches = [];

    /// <param name="examples">Images that the loss is over.</param>
    /// <param name="batch">Images of a batch.</param>
    /// <param name="settings">Settings of the experiment, without the leading <c>curvature.</c>.</param>
    internal Subject(int examples, int batch, params string[] settings)
        : this(Experiments.Create(settings).Runs[0].Specification, examples, batch)
    {
    }

    /// <param name="specification">Whose network it is.</param>
    /// <param name="examples">Images that the loss is over.</param>
    /// <param name="batch">Images of a batch.</param>
    internal Subject(RunSpecification specification, int examples, int batch)
    {
        _specification = specification;
        ExampleSet train = DataSets.Load(_specification.Data).Train;
        using Generator generator = new(SeedDerivation.Derive(_specification.Seed, "initialisation"), CPU);
        _network = ModelRegistry.Create(
            _specification.Model, new NetworkOptions(train.Shape, train.Classes, CPU), generator);
        Examples = examples;
        Parameters = [.. _network.Parameters.Select(parameter => parameter.Value)];
        foreach (long[] indices in FixedSubset.Draw(train.Count, examples, _specification.Seed).Chunk(batch))
        {
            (Tensor inputs, Tensor targets) = train.Batch(indices);
            _batches.Add((inputs, targets));
        }
    }

    internal int Examples { get; }

    internal Tensor[] Parameters { get; }

    internal long Size => Parameters.Sum(parameter => parameter.numel());

    /// <summary>The gradient over all batches, as training would take it.</summary>
    internal void Gradient()
    {
        foreach (Tensor parameter in Parameters)
        {
            parameter.grad = null;
        }

        foreach (LossTerm term in Terms())
        {
            using DisposeScope scope = NewDisposeScope();
            (term.Evaluate() * term.Weight).backward();
        }
    }

    /// <summary>What a gradient of one batch holds between its two passes.</summary>
    internal double ForwardMegabytes()
    {
        using DisposeScope scope = NewDisposeScope();
        double before = NativeHeap.InUseMegabytes();
        using Tensor loss = Terms()[0].Evaluate();
        return NativeHeap.InUseMegabytes() - before;
    }

    internal HessianOperator Hessian(OperatorOptions? options = null) => new(Parameters, Terms(), options);

    internal FiniteDifferenceHessianOperator FiniteDifferences() => new(Parameters, Terms());

    internal GaussNewtonOperator GaussNewton() => new(
        Parameters,
        [
            .. _batches.Select(batch => new OutputTerm(
                () => _network.Forward(batch.Inputs, NetworkMode.Measure),
                LossRegistry.OutputHessians[_specification.Training.Loss],
                batch.Targets.shape[0] / (double)Examples)),
        ]);

    public void Dispose()
    {
        foreach ((Tensor inputs, Tensor targets) in _batches)
        {
            inputs.Dispose();
            targets.Dispose();
        }

        _network.Dispose();
    }

    private LossTerm[] Terms() =>
    [
        .. _batches.Select(batch => new LossTerm(
            () => LossRegistry.Losses[_specification.Training.Loss](
                _network.Forward(batch.Inputs, NetworkMode.Measure), batch.Targets),
            batch.Targets.shape[0] / (double)Examples)),
    ];
}
