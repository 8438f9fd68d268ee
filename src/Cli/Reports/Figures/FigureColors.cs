using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// The colours of the figures (Okabe and Ito's, safe for the colour-blind). In the page each becomes a variable of
/// the style sheet, so that the same drawing serves light and dark.
/// </summary>
internal static class FigureColors
{
    /// <summary>Text and axes.</summary>
    public static Color Ink { get; } = Color.FromHex("#24292F");

    /// <summary>Tick labels and what stands back.</summary>
    public static Color Quiet { get; } = Color.FromHex("#57606A");

    /// <summary>Lines of the grid.</summary>
    public static Color Grid { get; } = Color.FromHex("#E3E6EA");

    /// <summary>Behind everything.</summary>
    public static Color Paper { get; } = Color.FromHex("#FEFEFE");

    /// <summary>The history that counts; runs that completed as asked.</summary>
    public static Color Blue { get; } = Color.FromHex("#0072B2");

    /// <summary>Rescues.</summary>
    public static Color Green { get; } = Color.FromHex("#009E73");

    /// <summary>Divergence.</summary>
    public static Color Vermilion { get; } = Color.FromHex("#D55E00");

    /// <summary>The optimizer's own threshold.</summary>
    public static Color Orange { get; } = Color.FromHex("#E69F00");

    /// <summary>The test set; a further series.</summary>
    public static Color Purple { get; } = Color.FromHex("#AA4499");

    /// <summary>A further series.</summary>
    public static Color Sky { get; } = Color.FromHex("#56B4E9");

    /// <summary>Series in the order in which they get a colour.</summary>
    public static IReadOnlyList<Color> Series { get; } = [Blue, Orange, Green, Purple, Sky, Vermilion, Quiet];

    /// <summary>Each colour with its variable and its value in a dark page.</summary>
    public static IReadOnlyList<(Color Light, string Variable, string Dark)> Variables { get; } =
    [
        (Ink, "--fig-ink", "#E6EDF3"),
        (Quiet, "--fig-quiet", "#9DA7B3"),
        (Grid, "--fig-grid", "#2D333B"),
        (Paper, "--fig-paper", "#161B22"),
        (Blue, "--fig-blue", "#58B4F0"),
        (Green, "--fig-green", "#3CCB9F"),
        (Vermilion, "--fig-vermilion", "#FF8A4C"),
        (Orange, "--fig-orange", "#F2BC4B"),
        (Purple, "--fig-purple", "#D98BCB"),
        (Sky, "--fig-sky", "#9BD3F5"),
    ];

    /// <summary>The colour of a fate.</summary>
    public static Color Of(Fate fate) => fate switch
    {
        Fate.Completed => Blue,
        Fate.Rescued => Green,
        Fate.Diverged => Vermilion,
        _ => Quiet,
    };
}
