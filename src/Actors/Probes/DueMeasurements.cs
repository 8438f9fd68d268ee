using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Probes;

/// <summary>What is to be measured at a step of an attempt.</summary>
/// <param name="Lambda1">Whether lambda1 is.</param>
/// <param name="Kinds">What else is.</param>
/// <param name="TrainerWaits">Whether the trainer waits for it: in the dense steps of any of them, and with the policy <c>every</c>.</param>
internal sealed record DueMeasurements(bool Lambda1, IReadOnlyList<KindRequest> Kinds, bool TrainerWaits)
{
    /// <summary>Whether anything is.</summary>
    public bool Any => Lambda1 || Kinds.Count > 0;

    /// <summary>The first update that lambda1 limits (<see cref="StabilityCapSpecification"/>); null where the rates do not rest on it.</summary>
    public int? LimitsFrom { get; private init; }

    /// <param name="step">Updates made before.</param>
    /// <param name="attemptFrom">Step that the attempt began at.</param>
    /// <param name="run">The run; nothing is measured where its curvature is switched off.</param>
    /// <param name="probe">How it is watched. When lambda1 is measured is the run's to say where its rates rest on it.</param>
    public static DueMeasurements At(int step, int attemptFrom, RunSpecification run, ProbeOptions probe)
    {
        StabilityCapSpecification? cap = run.Schedule.StabilityCap;
        MeasurementSchedule schedule = cap?.Measured() ?? probe.Lambda1;
        bool lambda1 = IsDue(schedule);
        ProbeKind[] kinds = [.. (probe.Kinds ?? []).Where(kind => IsDue(kind.Schedule))];
        return new DueMeasurements(
            lambda1,
            [.. kinds.Select(kind => kind.Request)],
            probe.Policy == ProbePolicy.Every
                || (lambda1 && schedule.IsDense(step, attemptFrom))
                || Array.Exists(kinds, kind => kind.Schedule.IsDense(step, attemptFrom)))
        {
            LimitsFrom = lambda1 ? cap?.LimitsFrom(step, attemptFrom) : null,
        };

        bool IsDue(MeasurementSchedule when) =>
            run.Curvature.Enabled && when.IsDue(step, attemptFrom, run.Training.Steps);
    }
}
