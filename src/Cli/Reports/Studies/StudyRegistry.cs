namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>The studies by name.</summary>
internal static class StudyRegistry
{
    /// <summary>One line registers one study.</summary>
    public static IReadOnlyList<IStudy> All { get; } =
    [
        new EdgeStudy(),
        new TracesStudy(),
        new ScatterStudy(),
        new WarmupLengthStudy(),
        new StrideStudy(),
        new ExtraNormStudy(),
        new BestRateStudy(),
        new BatchScalingStudy(),
        new AdamStudy(),
        new SpectrumStudy(),
        new MitigationsStudy(),
        new RescueStudy(),
    ];

    /// <summary>The study called <paramref name="name"/>.</summary>
    /// <exception cref="ReportException">There is none; the message lists those there are.</exception>
    public static IStudy Find(string name) => All.FirstOrDefault(study => study.Name == name)
        ?? throw new ReportException(
            $"curvature.experiment.study is \"{name}\", which no study is called; there are {string.Join(", ", All.Select(study => study.Name))}.");
}
