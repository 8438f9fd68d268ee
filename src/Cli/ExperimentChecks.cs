using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Reports.Studies;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli;

/// <summary>What can only be checked with the data at hand, before anything is started.</summary>
internal static class ExperimentChecks
{
    /// <summary>Loads each data set and holds the numbers that depend on its size against it.</summary>
    /// <exception cref="DataSetException">A file is missing or damaged.</exception>
    /// <exception cref="UsageException">A number does not fit the data.</exception>
    public static void AgainstData(ExperimentSpecification experiment)
    {
        if (experiment.Study is { } study)
        {
            // Better now than after hours of training.
            _ = StudyRegistry.Find(study);
        }

        foreach (PlannedRun run in experiment.Runs)
        {
            RunSpecification specification = run.Specification;
            int examples = Load(specification.Data).Train.Count;
            Require("curvature.training.batch-size", specification.Training.BatchSize, examples);
            if (specification.Curvature.Enabled)
            {
                Require("curvature.probe.examples", specification.Curvature.Examples, examples);
            }
        }
    }

    private static DataSplit Load(DataSpecification data)
    {
        try
        {
            return DataSets.Load(data);
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static void Require(string key, int value, int examples)
    {
        if (value > examples)
        {
            throw new UsageException($"{key} is {value}, but there are only {examples} training examples.");
        }
    }
}
