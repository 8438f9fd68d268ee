using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Workloads;

/// <summary>The project's training session, with nothing around it.</summary>
internal sealed class SessionLoop : ITrainingLoop
{
    private readonly TrainingSession _session;

    internal SessionLoop(RunSpecification specification)
    {
        RunSpecification endless = specification with
        {
            Training = specification.Training with { Steps = int.MaxValue },
        };
        _session = TrainingSession.Create(endless, DataSets.Load(specification.Data), CPU);
    }

    /// <inheritdoc/>
    public void Advance()
    {
        if (_session.Advance().Verdict is { } verdict)
        {
            throw new InvalidOperationException($"The run that should not diverge did: {verdict}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
