namespace CurvatureActors.Cli.Reports.Studies.PublishedRules;

/// <summary>The published rules by the name that tables show.</summary>
internal static class PublishedRuleRegistry
{
    /// <summary>One line registers one rule.</summary>
    public static IReadOnlyList<(string Name, Func<IPublishedRule> Create)> All { get; } =
    [
        ("twice the window mean", () => new TwiceWindowMeanRule()),
        ("ten times the first 100", () => new TenTimesStartRule()),
        ("6 sigma", () => new SixSigmaRule()),
        ("winsorised average", () => new WinsorisedAverageRule()),
    ];
}
