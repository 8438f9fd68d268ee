using ScottPlot;
using SkiaSharp;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// The one font of all figures travels with the program: a machine without any font draws the same pictures, and
/// the page embeds it, so that a browser puts every glyph where the layout expected it.
/// </summary>
/// <remarks>
/// Roboto Regular (Copyright Google, Apache License 2.0), cut down to Latin-1, Greek and the signs used here.
/// </remarks>
internal static class FigureFont
{
    /// <summary>Family name in figures and in the page.</summary>
    public const string Family = "Curvature Roboto";

    private static readonly Lazy<byte[]> File = new(Read);

    private static readonly Lazy<bool> Registration = new(() =>
    {
        Fonts.FontResolvers.Insert(0, new Resolver());
        return true;
    });

    /// <summary>The TrueType file.</summary>
    public static ReadOnlySpan<byte> TrueType => File.Value;

    /// <summary>Makes the family known to ScottPlot; once is enough.</summary>
    public static void Register() => _ = Registration.Value;

    private static byte[] Read()
    {
        using Stream resource = typeof(FigureFont).Assembly.GetManifestResourceStream("figure-font.ttf")
            ?? throw new InvalidOperationException("figure-font.ttf is missing from the program.");
        using var file = new MemoryStream();
        resource.CopyTo(file);
        return file.ToArray();
    }

    private sealed class Resolver : IFontResolver
    {
        // ScottPlot keeps and shares what it gets and never disposes it.
        private readonly Lazy<SKTypeface> _typeface = new(() =>
        {
            using SKData data = SKData.CreateCopy(TrueType);
            return SKTypeface.FromData(data);
        });

        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Family ? _typeface.Value : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName == Family ? _typeface.Value : null;
    }
}
