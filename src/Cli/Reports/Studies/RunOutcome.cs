using CurvatureActors.Training.Data;
using CurvatureActors.Training.Divergence;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>How a run ended, judged by its end alone and by no rule.</summary>
internal static class RunOutcome
{
    /// <summary>What ends under this multiple of chance has learned nothing.</summary>
    public const double ChanceFactor = 1.5;

    /// <summary>
    /// Useful: it made all of its steps, and its test accuracy is at least 1.5 times that of guessing. Everything else that has
    /// ended is lost. Where the data are not there any more, making all steps is enough.
    /// </summary>
    public static bool IsUseful(this RunReport run) =>
        run.FinalAccuracy() is { } accuracy && accuracy >= (run.Guessing()?.AccuracyAbove(ChanceFactor) ?? 0);

    /// <summary>What guessing gives on a run's data; null where the files are not there any more.</summary>
    public static Guessing? Guessing(this RunReport run)
    {
        try
        {
            // The sets of known size are balanced: no need to read them.
            string loss = run.Specification.Training.Loss;
            return DataSets.KnownClasses(run.Specification.Data.Name) is { } classes
                ? Training.Divergence.Guessing.Uniform(loss, classes)
                : Training.Divergence.Guessing.Of(loss, DataSets.Load(run.Specification.Data).Train.LabelCounts);
        }
        catch (DataSetException)
        {
            return null;
        }
    }
}
