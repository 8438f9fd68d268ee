using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli;

/// <summary>The training examples of a snapshot's run, also where their files lie elsewhere now.</summary>
internal static class ProbedData
{
    /// <summary>Loads them; they must be those that the run was planned with, wherever they lie.</summary>
    /// <param name="data">What the run was trained on.</param>
    /// <param name="moved">The folder that its files lie in now; null for the one they were in.</param>
    /// <exception cref="UsageException">The run has no files, or nothing tells whether these are its own.</exception>
    /// <exception cref="DataSetException">A file is missing or damaged, or they are others.</exception>
    public static ExampleSet Load(DataSpecification data, string? moved)
    {
        if (moved is not null && data.Directory is null)
        {
            throw new UsageException($"--data is \"{moved}\", but the run's data set, {data.Name}, has no folder of its own; leave it out.");
        }

        DataSpecification there = moved is null ? data : data with { Directory = Path.GetFullPath(moved) };
        if (moved is not null && data.Sha256 is null)
        {
            throw new UsageException($"--data is \"{moved}\", but nothing tells whether its files are those of the run.");
        }

        try
        {
            return DataSets.Load(there).Train;
        }
        catch (DataSetException error) when (moved is null && data.Directory is not null)
        {
            throw new UsageException($"{error.Message} Where they lie elsewhere now, say so with --data DIR.");
        }
    }
}
