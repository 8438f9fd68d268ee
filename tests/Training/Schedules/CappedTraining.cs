using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;

namespace CurvatureActors.Training.Tests.Schedules;

/// <summary>
/// Trains an attempt from step 0 with its measurements and no actors: each is made at its step, and told to the session
/// at once or (late) right before the first update that it limits.
/// </summary>
internal sealed class CappedTraining(RunSpecification run, TrainingSession session, DataSplit data, bool late) : IDisposable
{
    private readonly CurvatureProbe _probe = new(run, data.Train);

    /// <summary>Measured, and not yet told.</summary>
    public List<StabilityLimit> UnderWay { get; } = [];

    /// <summary>Measures at the session's step if that is due, and tells what has to be known before its update.</summary>
    public void Prepare()
    {
        if (run.Schedule.StabilityCap is not { } cap)
        {
            return;
        }

        int step = session.Step;
        if (cap.Measured().IsDue(step, 0, run.Training.Steps))
        {
            using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
            double? sharpness = StabilityCap.Sharpness(_probe.Measure(snapshot), run.Optimizer);
            UnderWay.Add(new StabilityLimit(step, cap.LimitsFrom(step, 0), sharpness));
        }

        foreach (StabilityLimit limit in UnderWay.Where(limit => !late || limit.From <= step).ToArray())
        {
            session.Limit(limit);
            _ = UnderWay.Remove(limit);
        }
    }

    public StepOutcome Advance() => session.Advance();

    /// <summary>To the last step or the first verdict.</summary>
    public List<StepOutcome> Finish()
    {
        List<StepOutcome> outcomes = [];
        while (!session.Finished && outcomes.TrueForAll(outcome => outcome.Verdict is null))
        {
            Prepare();
            outcomes.Add(Advance());
        }

        return outcomes;
    }

    public void Dispose() => _probe.Dispose();
}
