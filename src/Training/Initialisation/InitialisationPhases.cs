using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// The phases that rescale the first weights of a run, one after the other, step by step; a function of the
/// specification and the data. Their generators are their own, from the run's seed.
/// </summary>
/// <remarks>
/// Between two steps the state can be written to a snapshot and read back: the tensors are called
/// <c>initialisation.</c> and the phase's own name for them.
/// </remarks>
internal sealed class InitialisationPhases : IDisposable
{
    private const string Prefix = "initialisation.";

    private readonly (string Name, Func<IInitialisationPhase> Begin)[] _phases;
    private readonly Generator _synthetic;
    private int _index = -1;
    private IInitialisationPhase? _phase;

    /// <param name="network">With its initial weights; its <c>.grad</c> and buffers are left as found.</param>
    /// <param name="specification">The run.</param>
    /// <param name="data">Its examples, for the phases that look at them.</param>
    public InitialisationPhases(Network network, RunSpecification specification, DataSplit data)
    {
        LossFunction loss = LossRegistry.Losses[specification.Training.Loss];
        _synthetic = new Generator(SeedDerivation.Derive(specification.Seed, MetaInit.PhaseName), CPU);
        List<(string, Func<IInitialisationPhase>)> phases = [];
        if (specification.Model.Initialisation?.MetaInit is { } metaInit)
        {
            phases.Add((MetaInit.PhaseName, () => new MetaInit(
                network, metaInit, data.Train.Shape, data.Train.Classes, loss, _synthetic)));
        }

        if (specification.Model.Initialisation?.GradInit is { } gradInit)
        {
            phases.Add((GradInit.PhaseName, () => new GradInit(
                network,
                gradInit,
                data.Train,
                loss,
                bySign: OptimizerRegistry.Optimizers[specification.Optimizer.Kind].IsPreconditioned,
                unchecked((int)SeedDerivation.Derive(specification.Seed, GradInit.PhaseName)))));
        }

        _phases = [.. phases];
    }

    /// <summary>Whether every phase has made its steps; at once where there are none.</summary>
    public bool Finished => _index >= _phases.Length - 1 && _phase is null or { Finished: true };

    /// <summary>Where it stands, for a snapshot's header; null before the first step.</summary>
    public SnapshotPhase? Position => _phase is null ? null : new(_phase.Name, _phase.Step);

    /// <summary>Makes the next step of the present phase, or of the next one where that is done.</summary>
    /// <exception cref="InvalidOperationException">All phases are finished, or one cannot go on.</exception>
    public InitialisationProgress Advance()
    {
        if (Finished)
        {
            throw new InvalidOperationException("The initialisation has no step left.");
        }

        if (_phase is null or { Finished: true })
        {
            Begin(_index + 1);
        }

        return _phase!.Advance();
    }

    /// <summary>What the present phase carries, under its names in a snapshot; the caller disposes it.</summary>
    public NamedTensor[] State() =>
        [.. (_phase?.State() ?? []).Select(tensor => tensor with { Name = Prefix + tensor.Name })];

    /// <summary>Checks that a snapshot is of one of these phases and holds its state, and takes that over.</summary>
    /// <exception cref="SnapshotException">It is not or does not.</exception>
    public void Restore(SnapshotBuffer snapshot)
    {
        SnapshotPhase position = snapshot.Header.Phase!;
        int index = Array.FindIndex(_phases, phase => phase.Name == position.Name);
        if (index < 0)
        {
            throw new SnapshotException(
                $"The snapshot is of the phase \"{position.Name}\" of an initialisation, which this run does not have.");
        }

        Begin(index);
        if (position.Step < 0 || position.Step > _phase!.Steps)
        {
            throw new SnapshotException(
                $"The snapshot is of step {position.Step} of the phase \"{position.Name}\", which has {_phase!.Steps} steps.");
        }

        NamedTensor[] state = State();
        try
        {
            foreach (NamedTensor tensor in state)
            {
                snapshot.CopyTo(tensor.Name, tensor.Value);
            }

            _phase.Restore(position.Step, state);
        }
        finally
        {
            foreach (NamedTensor tensor in state)
            {
                tensor.Value.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _phase?.Dispose();
        _synthetic.Dispose();
    }

    private void Begin(int index)
    {
        _phase?.Dispose();
        _phase = null;
        _phase = _phases[index].Begin();
        _index = index;
    }
}
