using ScottPlot;
using ScottPlot.Panels;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// A ScottPlot plot in the manner of this report: our scales, colours and font, the legend under the axes so that it
/// never covers data. Points that a scale cannot show (NaN, infinite, not positive under a logarithm) break a line
/// instead of breaking the figure.
/// </summary>
internal sealed class Chart
{
    private const int MostPointsOfALine = 1500;
    private const float TextSize = 13.5f;

    private readonly AxisScale _x;
    private readonly AxisScale _y;
    private readonly List<LegendItem> _legend = [];
    private (double Low, double High) _xRange = (0, 1);
    private (double Low, double High) _yRange = (0, 1);

    public Chart(AxisScale x, string xTitle, AxisScale y, string yTitle)
    {
        FigureFont.Register();
        (_x, _y) = (x, y);
        Plot = new Plot();
        Plot.FigureBackground.Color = FigureColors.Paper;
        Plot.DataBackground.Color = Colors.Transparent;
        Plot.Axes.Color(FigureColors.Quiet);
        Plot.Axes.Frame(false);
        Plot.Grid.MajorLineColor = FigureColors.Grid;
        Style(Plot.Axes.Bottom, xTitle);
        Style(Plot.Axes.Left, yTitle);
        Plot.Axes.Bottom.FrameLineStyle.IsVisible = true;
    }

    /// <summary>What is drawn on.</summary>
    public Plot Plot { get; }

    /// <summary>Sets what the axes span.</summary>
    public void Span((double Low, double High) x, (double Low, double High) y)
    {
        (_xRange, _yRange) = (x, y);
        Plot.Axes.SetLimits(_x.Position(x.Low), _x.Position(x.High), _y.Position(y.Low), _y.Position(y.High));
        Plot.Axes.Bottom.TickGenerator = Ticks(_x, x);
        Plot.Axes.Left.TickGenerator = Ticks(_y, y);
    }

    /// <summary>A line through points in order.</summary>
    public void Line(
        IEnumerable<(double X, double Y)> points, Color color, string? legend = null,
        float width = 1.8f, LinePattern? pattern = null)
    {
        LinePattern shape = pattern ?? LinePattern.Solid;
        bool drawn = false;
        foreach (List<Coordinates> piece in Pieces(points))
        {
            Plot.Add.Plottable(new ChartLine(Thin(piece)) { Color = color, LineWidth = width, LinePattern = shape });
            drawn = true;
        }

        if (drawn && legend is not null)
        {
            Legend(new LegendItem { LabelText = legend, LineColor = color, LineWidth = Math.Max(width, 1.5f), LinePattern = shape });
        }
    }

    /// <summary>A symbol at each point.</summary>
    public void Points(
        IEnumerable<(double X, double Y)> points, Symbol symbol, Color color, string? legend = null, float size = 7)
    {
        Coordinates[] shown = [.. Shown(points)];
        if (shown.Length == 0)
        {
            return;
        }

        Scatter series = Plot.Add.ScatterPoints(shown);
        symbol.Apply(series.MarkerStyle, color, size);
        if (legend is not null)
        {
            Legend(symbol, color, legend, size);
        }
    }

    /// <summary>An error bar at each point, cut off where the scale ends.</summary>
    public void Errors(IEnumerable<(double X, double Y, double Error)> points, Color color)
    {
        var bars = new List<(double X, double Y, double Down, double Up)>();
        foreach ((double x, double y, double error) in points)
        {
            double at = _x.Position(x);
            double middle = _y.Position(y);
            double down = middle - _y.Position(Math.Max(y - error, _yRange.Low));
            double up = _y.Position(y + error) - middle;
            if (error > 0 && double.IsFinite(at) && double.IsFinite(down) && double.IsFinite(up))
            {
                bars.Add((at, middle, Math.Max(down, 0), up));
            }
        }

        if (bars.Count > 0)
        {
            double[] none = new double[bars.Count];
            ErrorBar drawn = new(
                [.. bars.Select(bar => bar.X)], [.. bars.Select(bar => bar.Y)], none, none,
                [.. bars.Select(bar => bar.Down)], [.. bars.Select(bar => bar.Up)]);
            Plot.Add.Plottable(drawn);
            drawn.Color = color;
            drawn.LineWidth = 1.2f;
            drawn.CapSize = 0;
        }
    }

    /// <summary>Tints what lies above a line from the left edge to the right.</summary>
    public void TintAbove(IReadOnlyList<(double X, double Y)> line, Color color)
    {
        double top = Math.Max(_yRange.High, line.Max(point => point.Y));
        Coordinates[] corners = [.. Shown([.. line, (line[^1].X, top), (line[0].X, top)])];
        Polygon area = Plot.Add.Polygon(corners);
        area.FillColor = color;
        area.LineWidth = 0;
    }

    /// <summary>A vertical line with a word at its top; <paramref name="row"/> keeps neighbours apart.</summary>
    public void Flag(double x, string text, Color color, int row)
    {
        double at = _x.Position(x);
        double top = _y.Position(_yRange.High);
        double bottom = _y.Position(_yRange.Low);
        LinePlot pole = Plot.Add.Line(at, bottom, at, top);
        pole.Color = color;
        pole.LineWidth = 1.2f;
        pole.LinePattern = LinePattern.Dotted;
        bool right = at - _x.Position(_xRange.Low) > 0.6 * (_x.Position(_xRange.High) - _x.Position(_xRange.Low));
        Text label = Plot.Add.Text(text, at, top - (row * 0.075 * (top - bottom)));
        label.LabelFontColor = color;
        label.LabelFontName = FigureFont.Family;
        label.LabelFontSize = TextSize;
        label.LabelAlignment = right ? Alignment.UpperRight : Alignment.UpperLeft;
        // The word stays readable where a line passes under it.
        label.LabelBackgroundColor = FigureColors.Paper.WithAlpha(.85);
        label.LabelPadding = 1;
        label.OffsetX = right ? -5 : 5;
        label.OffsetY = 1;
    }

    /// <summary>Words in the middle of an empty figure: emptiness is said, not left to be wondered at.</summary>
    public void Nothing(string text)
    {
        Text label = Plot.Add.Text(
            text,
            (_x.Position(_xRange.Low) + _x.Position(_xRange.High)) / 2,
            (_y.Position(_yRange.Low) + _y.Position(_yRange.High)) / 2);
        label.LabelFontColor = FigureColors.Quiet;
        label.LabelFontName = FigureFont.Family;
        label.LabelFontSize = TextSize;
        label.LabelAlignment = Alignment.MiddleCenter;
    }

    /// <summary>Adds a symbol to the legend that no series brings.</summary>
    public void Legend(Symbol symbol, Color color, string text, float size = 8)
    {
        var item = new LegendItem { LabelText = text, LineWidth = 0 };
        symbol.Apply(item.MarkerStyle, color, Math.Min(size, 10));
        Legend(item);
    }

    /// <summary>The finished figure.</summary>
    public Figure Finish(string name, string title, string description)
    {
        if (_legend.Count > 0)
        {
            LegendPanel panel = Plot.ShowLegend(Edge.Bottom);
            panel.Padding = new PixelPadding(0, 0, 8, 4);
            Legend legend = panel.Legend;
            legend.Margin = new PixelPadding(0);
            legend.Padding = new PixelPadding(0, 0, 4, 6);
            legend.InterItemPadding = new PixelPadding(7, 7, 3, 3);
            legend.SymbolWidth = 26;
            legend.DisplayPlottableLegendItems = false;
            legend.ManualItems.AddRange(_legend);
            legend.Orientation = Orientation.Horizontal;
            legend.TightHorizontalWrapping = true;
            legend.FontName = FigureFont.Family;
            legend.FontSize = 13;
            legend.FontColor = FigureColors.Ink;
            legend.OutlineWidth = 0;
            legend.BackgroundColor = Colors.Transparent;
            legend.ShadowColor = Colors.Transparent;
            legend.SetBestFontOnEachRender = false;
        }

        return new Figure(name, title, description, Plot);
    }

    /// <summary>The span of values with some room around, on a logarithmic axis; null when none can be shown.</summary>
    public static (double Low, double High)? LogRange(IEnumerable<double> values, double room = 0.07)
    {
        double[] shown = [.. values.Where(value => value > 0 && double.IsFinite(value))];
        if (shown.Length == 0)
        {
            return null;
        }

        double low = Math.Log10(shown.Min());
        double high = Math.Log10(shown.Max());
        double pad = Math.Max(room * (high - low), 0.06);
        return (Math.Pow(10, low - pad), Math.Pow(10, high + pad));
    }

    private static void Style(IAxis axis, string title)
    {
        axis.Label.Text = title;
        axis.Label.FontName = FigureFont.Family;
        axis.Label.FontSize = 14.5f;
        axis.Label.Bold = false;
        axis.Label.ForeColor = FigureColors.Ink;
        axis.TickLabelStyle.FontName = FigureFont.Family;
        axis.TickLabelStyle.FontSize = TextSize;
        axis.TickLabelStyle.ForeColor = FigureColors.Quiet;
    }

    private static NumericManual Ticks(AxisScale scale, (double Low, double High) range)
    {
        var ticks = new NumericManual();
        IReadOnlyList<double> major = scale.Ticks(range.Low, range.High);
        foreach (double value in major)
        {
            ticks.AddMajor(scale.Position(value), NumberText.Short(value));
        }

        foreach (double value in scale.MinorTicks(range.Low, range.High).Except(major))
        {
            ticks.AddMinor(scale.Position(value));
        }

        return ticks;
    }

    private void Legend(LegendItem item)
    {
        item.LabelFontName = FigureFont.Family;
        string text = MarkupText.Clean(item.LabelText).ReplaceLineEndings(" ");
        item.LabelText = text.Length <= 44 ? text : string.Concat(text.AsSpan(0, 43), "…");
        _legend.Add(item);
    }

    private IEnumerable<Coordinates> Shown(IEnumerable<(double X, double Y)> points) =>
        Pieces(points).SelectMany(piece => piece);

    private IEnumerable<List<Coordinates>> Pieces(IEnumerable<(double X, double Y)> points)
    {
        var piece = new List<Coordinates>();
        foreach ((double x, double y) in points)
        {
            var at = new Coordinates(_x.Position(x), _y.Position(y));
            if (double.IsFinite(at.X) && double.IsFinite(at.Y))
            {
                piece.Add(at);
            }
            else if (piece.Count > 0)
            {
                yield return piece;
                piece = [];
            }
        }

        if (piece.Count > 0)
        {
            yield return piece;
        }
    }

    /// <summary>Keeps the lowest and highest of each stretch: a long run stays small on the page and no spike is lost.</summary>
    private static List<Coordinates> Thin(List<Coordinates> points)
    {
        if (points.Count <= MostPointsOfALine)
        {
            return points;
        }

        int stretch = (int)Math.Ceiling(2.0 * points.Count / MostPointsOfALine);
        var thin = new List<Coordinates>();
        foreach (Coordinates[] some in points.Chunk(stretch))
        {
            Coordinates low = some.MinBy(point => point.Y);
            Coordinates high = some.MaxBy(point => point.Y);
            thin.AddRange(low.X <= high.X ? [low, high] : [high, low]);
        }

        return thin;
    }
}
