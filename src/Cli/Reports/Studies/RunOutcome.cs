using CurvatureActors.Training.Data;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>How a run ended, judged by its end alone and by no rule.</summary>
internal static class RunOutcome
{
    /// <summary>What ends under this multiple of chance has learned nothing.</summary>
    public const double ChanceFactor = 1.5;

    /// <summary>
    /// Useful: it made all of its steps, and its test accuracy is at least 1.5 times chance. Everything else that has ended is
    /// lost. Where the number of classes is not known, making all steps is enough.
    /// </summary>
    public static bool IsUseful(this RunReport run) =>
        run.FinalAccuracy() is { } accuracy && accuracy >= (run.Classes() is { } classes ? ChanceFactor / classes : 0);

    /// <summary>Number of classes of a run's data; null where only files tell it that are not there.</summary>
    public static int? Classes(this RunReport run)
    {
        try
        {
            return DataSets.KnownClasses(run.Specification.Data.Name) ?? DataSets.Load(run.Specification.Data).Train.Classes;
        }
        catch (DataSetException)
        {
            return null;
        }
    }
}
