using System.Text.RegularExpressions;
using ScottPlot;
using SkiaSharp;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>A finished figure.</summary>
/// <param name="Name">Its file name without an ending.</param>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Description">What it shows, for someone who cannot see it.</param>
/// <param name="Plot">The drawing.</param>
internal sealed partial record Figure(string Name, string Title, string Description, Plot Plot)
{
    /// <summary>Width of the drawing; at this width its text has the size of the page's.</summary>
    public const int Width = 490;

    /// <summary>Height of the drawing.</summary>
    public const int Height = 350;

    /// <summary>Pixels of a PNG per unit of the drawing.</summary>
    public const int PngScale = 2;

    /// <summary>As a PNG file, with its title in it, since such a picture travels without the page.</summary>
    public byte[] Png()
    {
        Plot.Title(Short(Title));
        Plot.Axes.Title.Label.FontName = FigureFont.Family;
        Plot.Axes.Title.Label.FontSize = 15;
        Plot.Axes.Title.Label.Bold = false;
        Plot.Axes.Title.Label.ForeColor = FigureColors.Ink;
        Plot.Axes.Title.IsVisible = true;
        Settle();
        using var surface = SKSurface.Create(new SKImageInfo(Width * PngScale, Height * PngScale));
        surface.Canvas.Scale(PngScale);
        Plot.Render(surface.Canvas, Width, Height);
        Plot.Axes.Title.IsVisible = false;
        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>
    /// As an svg element for the page: scales with its column, takes its colours from the style sheet, and shares no
    /// ids with the other figures.
    /// </summary>
    public string Svg()
    {
        Plot.Axes.Title.IsVisible = false;
        Settle();
        string svg = Plot.GetSvgXml(Width, Height);
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..].TrimEnd();
        svg = Head().Replace(
            svg,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" "
            + $"aria-label=\"{MarkupText.Escape(Description)}\">",
            1);
        svg = Colour().Replace(svg, match => Variables.TryGetValue(match.Groups[2].Value.ToUpperInvariant(), out string? variable)
            ? $"{match.Groups[1].Value}=\"var({variable})\""
            : match.Value);
        // Skia writes the name in the file; the page knows the font by ours.
        svg = FontFamily().Replace(svg, $"font-family=\"{FigureFont.Family}, sans-serif\"");
        svg = Clip().Replace(svg, match => $"{match.Groups[1].Value}{Name}-{match.Groups[2].Value}");
        svg = Text().Replace(svg, match => $">{match.Groups[1].Value.Trim()}</text>");
        svg = TrailingComma().Replace(svg, "\"");
        return WhiteSpace().Replace(svg, "\n");
    }

    /// <summary>
    /// ScottPlot makes room for a legend by the size of the picture before: without one of this size, a second row of
    /// the legend is cut off. For the same reason the canvas is scaled above and not the plot.
    /// </summary>
    private void Settle() => Plot.RenderInMemory(Width, Height);

    /// <summary>A title wider than the picture would be cut on both sides.</summary>
    private static string Short(string text) =>
        text.Length <= 60 ? MarkupText.Clean(text) : string.Concat(MarkupText.Clean(text).AsSpan(0, 59), "…");

    private static readonly Dictionary<string, string> Variables = FigureColors.Variables.ToDictionary(
        entry => entry.Light.ToHex().ToUpperInvariant(), entry => entry.Variable);

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex Head();

    [GeneratedRegex("(fill|stroke)=\"(#[0-9A-Fa-f]{6})\"")]
    private static partial Regex Colour();

    [GeneratedRegex("font-family=\"[^\"]*\"")]
    private static partial Regex FontFamily();

    [GeneratedRegex("(url\\(#|id=\")(cl_)")]
    private static partial Regex Clip();

    [GeneratedRegex(">([^<>]*)</text>")]
    private static partial Regex Text();

    // Skia ends its lists of glyph positions with a comma, which is no number list any more.
    [GeneratedRegex(",\\s*\"")]
    private static partial Regex TrailingComma();

    [GeneratedRegex("\\n\\s*")]
    private static partial Regex WhiteSpace();
}
