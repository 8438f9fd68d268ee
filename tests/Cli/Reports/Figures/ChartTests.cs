using CurvatureActors.Cli.Reports.Figures;
using ScottPlot;
using SkiaSharp;

namespace CurvatureActors.Cli.Tests.Reports.Figures;

public sealed class ChartTests
{
    [Fact]
    public void Dashes_end_with_their_line()
    {
        var chart = new Chart(AxisScale.Linear, "x", AxisScale.Linear, "y");
        chart.Span((0, 1), (0, 1));
        chart.Line([(0, 0), (1, 1)], FigureColors.Ink, pattern: LinePattern.DenselyDashed);
        using Plot plot = chart.Plot;
        var next = new PaintProbe();
        plot.Add.Plottable(next);

        _ = plot.GetSvgXml(200, 100);

        Assert.True(next.Asked);
        Assert.Null(next.Left);
    }

    // What is drawn after the line; it shows what the line left in the paint that all share.
    private sealed class PaintProbe : IPlottable
    {
        public bool Asked { get; private set; }

        public SKPathEffect? Left { get; private set; }

        public bool IsVisible { get; set; } = true;

        public IAxes Axes { get; set; } = new Axes();

        public IEnumerable<LegendItem> LegendItems => [];

        public AxisLimits GetAxisLimits() => AxisLimits.NoLimits;

        public void Render(RenderPack rp)
        {
            Asked = true;
            Left ??= rp.Paint.SKPaint.PathEffect;
        }
    }
}
