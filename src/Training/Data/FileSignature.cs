using System.Text;

namespace CurvatureActors.Training.Data;

/// <summary>What a file is that is not the one that its name promises: told by its first bytes.</summary>
internal static class FileSignature
{
    private static readonly (byte[] Start, string What)[] Known =
    [
        ([0x50, 0x4b, 0x03, 0x04], "a zip archive"),
        ([0x1f, 0x8b], "a gzip file"),
        ("BZh"u8.ToArray(), "a bzip2 file"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz file"),
        ([0x28, 0xb5, 0x2f, 0xfd], "a zstd file"),
        ([0x37, 0x7a, 0xbc, 0xaf], "a 7z archive"),
        ([0x89, 0x50, 0x4e, 0x47], "a PNG picture"),
        ([0x93, 0x4e, 0x55, 0x4d], "a NumPy file"),
        ("MATLAB"u8.ToArray(), "a MATLAB file"),
        ("PAR1"u8.ToArray(), "a Parquet file"),
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS in place of the file"),
    ];

    /// <summary>In words; null when the bytes say nothing.</summary>
    /// <param name="start">The first bytes of the content.</param>
    /// <param name="rest">What follows them; read from when they may be the beginning of a text.</param>
    public static string? Describe(ReadOnlySpan<byte> start, Stream rest)
    {
        if (start.Length == 0 || start[0] is 0)
        {
            return null;
        }

        byte[] all = new byte[256];
        start.CopyTo(all);
        return Describe(all.AsSpan(0, start.Length + rest.ReadAtLeast(all.AsSpan(start.Length), all.Length - start.Length, throwOnEndOfStream: false)));
    }

    /// <summary>In words; null when the bytes say nothing.</summary>
    /// <param name="start">The first bytes of the content, some hundred if there are as many.</param>
    public static string? Describe(ReadOnlySpan<byte> start)
    {
        foreach ((byte[] known, string what) in Known)
        {
            if (start.StartsWith(known))
            {
                return what;
            }
        }

        return Markup(start);
    }

    /// <summary>
    /// What a file is that is valid UTF-8 and yet no text to train on; null for a text. Signatures that are words ("MATLAB") may
    /// begin a text too, so they count only beside a NUL, which no text has.
    /// </summary>
    public static string? NoText(ReadOnlySpan<byte> content)
    {
        int nul = content.IndexOf((byte)0);
        return nul >= 0
            ? Describe(content) ?? $"bytes that no text has (a NUL, at byte {nul + 1})"
            : content.StartsWith("version https://git-lfs"u8) || content.StartsWith("PK\u0003\u0004"u8) || content.StartsWith("PK\u0005\u0006"u8)
            ? Describe(content) ?? "a zip archive"
            : Markup(content);
    }

    private static string? Markup(ReadOnlySpan<byte> start)
    {
        string text = Encoding.Latin1.GetString(start[..Math.Min(start.Length, 256)]).TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\t', '\r', '\n');
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<head", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<body", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<!--", StringComparison.Ordinal)
            ? "a web page (HTML), such as a site sends in place of the file"
            : text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)
            ? "an XML document, such as a site sends in place of the file"
            : null;
    }
}
