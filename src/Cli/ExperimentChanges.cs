using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli;

/// <summary>
/// What an experiment file asks for against what was accepted under the same name before. A run is known by its
/// specification, so a point that was changed is one run gone and another come.
/// </summary>
internal static class ExperimentChanges
{
    /// <summary>
    /// The experiment to run: the file's, when it only adds to what was accepted. Where accepted runs are no longer in
    /// the file they are kept as they were when <paramref name="extend"/>, and otherwise nothing is run.
    /// </summary>
    /// <exception cref="UsageException">Accepted runs are changed or gone, and it was not asked to extend; they are listed.</exception>
    /// <exception cref="StateDirectoryException">What is in the directory cannot be gone on from.</exception>
    public static ExperimentSpecification Reconcile(StateDirectory directory, ExperimentSpecification asked, bool extend)
    {
        using var reader = new StateReader(directory);
        reader.RequireWhole();
        ExperimentView? accepted = reader.Experiments().FirstOrDefault(view => view.Name == asked.Name);
        asked = EarlierRuns.Recognised(asked, (accepted?.Runs ?? []).Select(view => view.Run).ToHashSet());
        RunView[] missing =
            [.. (accepted?.Runs ?? []).Where(view => asked.Runs.All(run => run.Run != view.Run))];
        if (missing.Length == 0)
        {
            return asked;
        }

        return extend
            ? asked with { Runs = [.. asked.Runs, .. missing.Select(view => view.Accepted)] }
            : throw Refusal(directory, asked, accepted!, missing);
    }

    private static UsageException Refusal(
        StateDirectory directory, ExperimentSpecification asked, ExperimentView accepted, RunView[] missing)
    {
        string sentence =
            $"The experiment \"{asked.Name}\" in {directory.Path} has {missing.Length} of {accepted.Runs.Count} runs that the file does not ask for any more:";
        List<string> lines = [];
        foreach (RunView view in missing)
        {
            // The same point of the sweep with another specification: the rest of the file changed under it.
            PlannedRun? instead = asked.Runs.FirstOrDefault(run => run.Name == view.Name);
            lines.Add($"  {(instead is null ? "removed" : "changed")}: {view.Run} [{view.Name}] {view.Status.Word()}, step {view.Step} of {view.Specification.Training.Steps}"
                + (instead is null ? "" : $"; the file's is {instead.Run}"));
        }

        int added = asked.Runs.Count(run => accepted.Runs.All(view => view.Run != run.Run));
        lines.Add(
            $"Give --extend to keep these and run the file's {added} new ones too, or choose another curvature.experiment.name or --state.");
        return new UsageException(sentence, lines);
    }
}
