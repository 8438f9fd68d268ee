using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.ReadModel;

/// <summary>
/// Runs that an earlier version accepted and that this one would plan otherwise: the same file asks for them still, and
/// they go on as they began.
/// </summary>
public static class EarlierRuns
{
    /// <summary>The experiment with such runs in the place of those that the file would make today.</summary>
    /// <param name="asked">The file's.</param>
    /// <param name="accepted">Identities of the runs that were accepted under its name.</param>
    public static ExperimentSpecification Recognised(ExperimentSpecification asked, IReadOnlySet<string> accepted)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(accepted);
        return asked with
        {
            Runs =
            [
                .. asked.Runs.Select(run => !accepted.Contains(run.Run)
                    && Earlier(run.Specification) is { } earlier && earlier.Identity() is var identity && accepted.Contains(identity)
                        ? run with { Run = identity, Specification = earlier }
                        : run),
            ],
        };
    }

    /// <summary>What an earlier version would have made of the same keys; null for the same.</summary>
    private static RunSpecification? Earlier(RunSpecification run) => run.Model.FusedNormalization
        ? run with { Model = run.Model with { FusedNormalization = false } }
        : null;
}
