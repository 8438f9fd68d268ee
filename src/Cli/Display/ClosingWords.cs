using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli.Display;

/// <summary>The last words of <c>run</c> and <c>resume</c>.</summary>
internal static class ClosingWords
{
    public static void Write(
        TextWriter output, StateDirectory directory, ExperimentSpecification experiment, ExperimentOutcome outcome)
    {
        if (outcome.Interrupted)
        {
            output.WriteLine("Interrupted; every run is saved. The same command, or `curvature resume`, goes on from there.");
            return;
        }

        using var reader = new StateReader(directory);
        RunView[] runs = [.. reader.Experiments().Single(view => view.Name == experiment.Name).Runs];
        output.WriteLine(
            $"{runs.Length} runs: "
            + string.Join(", ", runs.GroupBy(run => run.Status).OrderBy(group => group.Key)
                .Select(group => $"{group.Count()} {group.Key.Word()}"))
            + $"; {runs.Count(run => run.Status == RunStatus.Completed && run.State.Restarts > 0)} of the completed were rescued.");

        foreach (RunView run in runs.Where(run => run.RemedyWantedCurvature))
        {
            string how = run.RemedyUsedCurvature ? "was chosen by the measured lambda1"
                : run.Specification.Curvature.Enabled ? "wanted lambda1, but there was none to go by"
                : "wanted lambda1, but probes are off, so it did without";
            output.WriteLine(DisplayText.Line($"{run.Run} [{run.Name}]: a remedy {how}."));
        }

        output.WriteLine("Next: `curvature report` draws it, `curvature list` and `curvature show RUN` tell more.");
    }
}
