using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Training.Recovery;

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
            foreach (string how in run.State.Attempts
                .Select(attempt => attempt.Remedy)
                .OfType<RemedyDecision>()
                .Where(remedy => Remedies.All[remedy.Remedy].WantsCurvature)
                .Select(remedy => Basis(remedy, run.Specification.Curvature.Enabled))
                .Distinct())
            {
                output.WriteLine(DisplayText.Line($"{run.Run} [{run.Name}]: a remedy {how}."));
            }
        }

        output.WriteLine("Next: `curvature report` draws it, `curvature list` and `curvature show RUN` tell more.");
    }

    /// <summary>What a remedy went by, as a predicate.</summary>
    internal static string Basis(RemedyDecision remedy, bool probed) => (remedy.RateBy, remedy.Lambda1, probed) switch
    {
        (RateBasis.Lambda1, _, _) => "was chosen by the measured lambda1",
        (RateBasis.ForwardPasses, _, true) => "was chosen by forward passes (the rate at which the next update raises the loss)",
        (RateBasis.ForwardPasses, _, false) => "wanted lambda1, but probes are off, so it was chosen by forward passes",
        (RateBasis.Factor, not null, _) => "was chosen by a factor on the rate that diverged, which is lower than what was measured allows",
        (null, not null, _) => "looked at the measured lambda1",
        (_, null, true) => "wanted lambda1, but there was none to go by",
        _ => "wanted lambda1, but probes are off, so it did without",
    };
}
