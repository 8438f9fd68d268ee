using ScottPlot;
using ScottPlot.DataSources;
using ScottPlot.Plottables;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// A line whose dashes end with it. ScottPlot draws a whole figure with one paint and leaves the dashes in it: a filled symbol
/// drawn next would take them too, which SVG cannot say and Skia complains about ("Unsupported path effect").
/// </summary>
internal sealed class ChartLine : Scatter
{
    /// <summary>A line without symbols through points in order.</summary>
    public ChartLine(IReadOnlyList<Coordinates> points)
        : base(new ScatterSourceCoordinatesArray([.. points])) => MarkerStyle.IsVisible = false;

    /// <inheritdoc/>
    public override void Render(RenderPack rp)
    {
        ArgumentNullException.ThrowIfNull(rp);
        base.Render(rp);
        rp.Paint.SKPaint.PathEffect = null;
    }
}
