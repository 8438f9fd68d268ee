using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>A symbol of a figure.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Line">Width of its line; 0 for a filled shape.</param>
internal sealed record Symbol(MarkerShape Shape, float Line)
{
    /// <summary>Filled circle.</summary>
    public static Symbol Disc { get; } = new(MarkerShape.FilledCircle, 0);

    /// <summary>Hollow circle.</summary>
    public static Symbol Ring { get; } = new(MarkerShape.OpenCircle, 1.5f);

    /// <summary>Filled diamond.</summary>
    public static Symbol Diamond { get; } = new(MarkerShape.FilledDiamond, 0);

    /// <summary>Hollow diamond.</summary>
    public static Symbol OpenDiamond { get; } = new(MarkerShape.OpenDiamond, 1.5f);

    /// <summary>Cross.</summary>
    public static Symbol Cross { get; } = new(MarkerShape.Eks, 2.2f);

    /// <summary>Filled square.</summary>
    public static Symbol Square { get; } = new(MarkerShape.FilledSquare, 0);

    /// <summary>The symbol of a fate: colours alone would not tell everybody.</summary>
    public static Symbol Of(Fate fate) => fate switch
    {
        Fate.Completed => Disc,
        Fate.Rescued => Diamond,
        Fate.Diverged => Cross,
        _ => Square,
    };

    /// <summary>Draws a marker as this symbol.</summary>
    public void Apply(MarkerStyle style, Color color, float size)
    {
        style.IsVisible = true;
        style.Shape = Shape;
        style.Size = size;
        style.MarkerColor = color;
        style.LineWidth = Line;
        style.LineColor = color;
        style.FillColor = color;
        style.OutlineWidth = 0;
    }
}
