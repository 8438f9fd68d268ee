using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// Makes the content of files part of the identity of the runs that use them: the name of a folder of data or of an
/// assembly with a model says nothing about what is in it.
/// </summary>
public static class DataIdentity
{
    /// <summary>The experiment with the digests of its data and models in each run. Reads each folder once.</summary>
    /// <exception cref="DataSetException">A file is missing or damaged.</exception>
    /// <exception cref="ConfigurationException">The class of an external model cannot be loaded.</exception>
    public static ExperimentSpecification WithDataIdentity(this ExperimentSpecification experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var known = new Dictionary<(string Name, string Directory, int? Classes), string>();

        // A number of classes that is that of the labels says the same as none.
        return experiment with { Runs = [.. experiment.Runs.Select(Identified).DistinctBy(run => run.Run)] };

        PlannedRun Identified(PlannedRun run)
        {
            DataSpecification data = run.Specification.Data;
            if (run.Specification.Model is { Kind: "external", AssemblySha256: null } model)
            {
                return Identified(With(run, run.Specification with { Model = WithSha256(model) }));
            }

            if (data.Directory is not { } directory)
            {
                return run;
            }

            (string, string, int?) key = (data.Name, directory, data.Classes);
            if (!known.TryGetValue(key, out string? sha256))
            {
                known[key] = sha256 = DataSets.Fingerprint(data);
            }

            return With(run, run.Specification with { Data = data with { Sha256 = sha256 } });
        }
    }

    private static PlannedRun With(PlannedRun run, RunSpecification identified) =>
        run with { Run = identified.Identity(), Specification = identified };

    private static ModelSpecification WithSha256(ModelSpecification model)
    {
        try
        {
            // Loads the class too: a slip in its name should show before anything starts.
            _ = ExternalModel.Factory(model);
            return model with { AssemblySha256 = ExternalModel.Sha256(model.Assembly!) };
        }
        catch (ArgumentException problem)
        {
            throw new ConfigurationException(problem.Message, problem);
        }
    }
}
