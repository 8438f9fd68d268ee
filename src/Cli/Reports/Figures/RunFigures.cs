using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>What the two figures of a run have in common.</summary>
internal static class RunFigures
{
    private const int MostRows = 4;

    /// <summary>From 0 to the last step asked for.</summary>
    public static (double Low, double High) StepRange(RunReport run) =>
        (0, Math.Max(1, run.Specification.Training.Steps * 1.02));

    /// <summary>Marks each step that was rolled back to with the remedies that started there.</summary>
    public static void Flags(Chart chart, RunReport run)
    {
        int row = 0;
        foreach ((int step, string remedies) in Rescues(run))
        {
            chart.Flag(step, remedies, FigureColors.Green, row);
            row = (row + 1) % MostRows;
        }
    }

    /// <summary>Room above the data for the words at the flags, as a share of their span.</summary>
    public static double RoomForFlags(RunReport run) => Math.Min(Rescues(run).Count, MostRows) * 0.09;

    /// <summary>A name for files that no identity can turn into a path.</summary>
    public static string FileName(RunReport run) =>
        string.Concat(run.Run.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));

    private static List<(int Step, string Remedies)> Rescues(RunReport run) =>
    [
        .. run.State.Attempts
            .Where(attempt => attempt is { Remedy: not null, RolledBackTo: not null })
            .GroupBy(attempt => attempt.RolledBackTo!.Value)
            .OrderBy(group => group.Key)
            .Select(group => (group.Key, "rescue: " + string.Join(", then ", Names(group)))),
    ];

    private static IEnumerable<string> Names(IEnumerable<AttemptState> attempts) =>
        attempts.Select(attempt => attempt.Remedy!.Remedy.Replace('-', ' '));
}
