using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Sessions;

/// <content>How a session gets its first weights, in one go or step by step.</content>
public sealed partial class TrainingSession
{
    private InitialisationPhases? _phases;

    /// <summary>Whether it has its first weights; until then they are made when they are needed.</summary>
    public bool Initialised { get; private set; }

    /// <summary>The phase of the initialisation that it is in; null before and after.</summary>
    public SnapshotPhase? Phase => _phases?.Position;

    /// <summary>
    /// Makes the first weights, and measures the rate that the warmup starts at when the specification says so. Does
    /// nothing when that is done already or a snapshot has been restored: a run's initialisation may take long, is a
    /// function of its specification and data, and is in every snapshot.
    /// </summary>
    /// <param name="progress">Told after each step of a phase such as MetaInit; null for nobody.</param>
    public void Initialise(Action<InitialisationProgress>? progress = null)
    {
        while (!Initialised)
        {
            if (AdvanceInitialisation() is { } made)
            {
                progress?.Invoke(made);
            }
        }
    }

    /// <summary>
    /// A part of what <see cref="Initialise"/> does: one step of a phase, the first with the draw of the weights before
    /// it, the last with the measured rate after it. Everything at once where there is no phase.
    /// </summary>
    /// <returns>The step; null when there was none to make.</returns>
    public InitialisationProgress? AdvanceInitialisation()
    {
        if (Initialised)
        {
            return null;
        }

        UseThreads();
        if (_phases is null)
        {
            using Generator generator = new(SeedDerivation.Derive(_specification.Seed, "initialisation"), CPU);
            Initialiser.Draw(_network, _specification.Model, generator);
            _phases = new InitialisationPhases(_network, _specification, _data);
        }

        InitialisationProgress? made = _phases.Finished ? null : _phases.Advance();
        if (NotFinite() is { } tensor)
        {
            // Nothing that a rescue changes would help.
            throw new InvalidOperationException(
                $"The initial weights are not finite: {tensor}{(made is null ? "" : $", after step {made.Step} of {made.Phase}")}; "
                + "look at curvature.model.init-scale and curvature.init.");
        }

        if (_phases.Finished)
        {
            MeasureCriticalRate();
            GoOnWith(null);
        }

        return made;
    }

    private void MeasureCriticalRate()
    {
        if (_specification.Schedule.WarmupFrom != LearningRate.Critical)
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        long[] indices = new long[_specification.Training.BatchSize];
        new BatchSampler(_data.Train.Count, indices.Length, _specification.Seed).Next(indices);
        (Tensor inputs, Tensor targets) = Batch(_data.Train, indices);
        _criticalRate = CriticalRate.OfFirstUpdate(
            _network, _parameters, _specification, TrainingPlan.Initial(_specification), inputs, targets).Rate;
    }

    private void GoOnWith(InitialisationPhases? phases)
    {
        _phases?.Dispose();
        _phases = phases;
        Initialised = phases is null;
    }

    /// <summary>The phases as the snapshot left them; null where they were done.</summary>
    private InitialisationPhases? PhasesOf(SnapshotBuffer snapshot)
    {
        if (snapshot.Header.Phase is null)
        {
            return null;
        }

        InitialisationPhases phases = new(_network, _specification, _data);
        try
        {
            phases.Restore(snapshot);
            return phases;
        }
        catch
        {
            phases.Dispose();
            throw;
        }
    }

    /// <summary>The state of a phase while it is written.</summary>
    private sealed class PhaseTensors(InitialisationPhases? phases) : IDisposable
    {
        public NamedTensor[] Tensors { get; } = phases?.State() ?? [];

        public void Dispose()
        {
            foreach (NamedTensor tensor in Tensors)
            {
                tensor.Value.Dispose();
            }
        }
    }
}
