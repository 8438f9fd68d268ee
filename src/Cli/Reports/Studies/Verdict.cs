namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>What a study finds.</summary>
/// <param name="Holds">Whether the claim holds; null where the runs cannot say, or nothing was claimed.</param>
/// <param name="Sentence">The finding with its numbers, one or more sentences.</param>
/// <param name="Table">The numbers it was made from.</param>
internal sealed record Verdict(bool? Holds, string Sentence, StudyTable Table)
{
    /// <summary>What a study finds in an experiment, beginning with what is missing where not every run is over.</summary>
    public static Verdict Of(IStudy study, ReportData data)
    {
        ArgumentNullException.ThrowIfNull(study);
        Verdict verdict = study.Judge(data);
        return data.Missing() is { } missing ? verdict with { Sentence = $"{missing} {verdict.Sentence}" } : verdict;
    }

    /// <summary>The finding in words, for a terminal.</summary>
    public string Text => $"{Word}: {Sentence}";

    /// <summary><see cref="Holds"/> in words.</summary>
    public string Word => Holds switch
    {
        true => "The claim holds",
        false => "The claim does not hold",
        null => "Open",
    };
}
