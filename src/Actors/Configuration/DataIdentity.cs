using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// Makes the images of a folder part of the identity of the runs that train on them: the name of a folder says
/// nothing about what is in it.
/// </summary>
public static class DataIdentity
{
    /// <summary>The experiment with the digest of its images in each run. Reads each folder once.</summary>
    /// <exception cref="DataSetException">A file is missing or damaged.</exception>
    public static ExperimentSpecification WithDataIdentity(this ExperimentSpecification experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var known = new Dictionary<(string Name, string Directory), string>();
        return experiment with { Runs = [.. experiment.Runs.Select(Identified)] };

        PlannedRun Identified(PlannedRun run)
        {
            DataSpecification data = run.Specification.Data;
            if (data.Directory is not { } directory)
            {
                return run;
            }

            if (!known.TryGetValue((data.Name, directory), out string? sha256))
            {
                known[(data.Name, directory)] = sha256 = DataSets.Fingerprint(data.Name, directory);
            }

            RunSpecification identified = run.Specification with { Data = data with { Sha256 = sha256 } };
            return run with { Run = identified.Identity(), Specification = identified };
        }
    }
}
