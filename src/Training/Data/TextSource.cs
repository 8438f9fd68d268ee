using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// A text as a sequence of characters, which are code points: a letter of any script or an emoji is one symbol, an accent
/// that follows its letter another. The first nine tenths are to train on, the rest to test on. The vocabulary is that of
/// the whole text, in the order of the code points.
/// </summary>
public sealed class TextSource : IExampleSource
{
    /// <summary>Positions of a window when the specification says nothing.</summary>
    public const int DefaultLength = 64;

    // Added to what the digest is made of where the text has characters that UTF-16 writes as two units: earlier versions
    // counted those as two symbols, which is another network.
    private const string Marker = "\ncode points";

    private readonly string _text;
    private readonly bool _units;
    private readonly int[] _symbols;

    /// <summary>Takes a text apart.</summary>
    /// <param name="text">Text without lone surrogates.</param>
    public TextSource(string text)
        : this(text, units: false)
    {
    }

    private TextSource(string text, bool units)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
        _units = units;
        _symbols = units ? [.. text.Select(unit => (int)unit)] : [.. text.EnumerateRunes().Select(rune => rune.Value)];
        Vocabulary = [.. _symbols.Distinct().Order()];
    }

    /// <summary>The code points of the different characters in ascending order; a character's number is its place here.</summary>
    public IReadOnlyList<int> Vocabulary { get; }

    /// <summary>The code points to train on.</summary>
    public ReadOnlyMemory<int> Train => _symbols.AsMemory(0, TrainLength);

    /// <summary>The code points to test on.</summary>
    public ReadOnlyMemory<int> Test => _symbols.AsMemory(TrainLength);

    private int TrainLength => (int)(_symbols.Length * 9L / 10);

    private bool HasPairs => _text.AsSpan().ContainsAnyInRange('\ud800', '\udfff');

    /// <summary>
    /// Reads every <c>.txt</c> file of a folder, joined in the order of their names (by code point); if there is none, those
    /// whose names end so in upper case.
    /// </summary>
    /// <exception cref="DataSetException">
    /// The folder is missing or has no such file, one is not UTF-8 or no text (a web page, an archive), or all characters are
    /// the same.
    /// </exception>
    public static TextSource Read(string directory, string home = "wherever the text is from") =>
        Read(directory, home, units: false);

    /// <summary>As <see cref="Read(string, string)"/>, with the UTF-16 units of earlier versions as symbols.</summary>
    internal static TextSource ReadUnits(string directory, string home = "wherever the text is from") =>
        Read(directory, home, units: true);

    private static TextSource Read(string directory, string home, bool units)
    {
        DataFile.RequireDirectory(directory, "text files (*.txt)", home);
        string[] files = [.. DataFolder.Files(directory, home).Where(file => file.EndsWith(".txt", StringComparison.Ordinal))];
        if (files.Length == 0)
        {
            files = [.. DataFolder.Files(directory, home).Where(file => file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase))];
        }

        if (files.Length == 0)
        {
            throw DataSetException.Damaged(directory, "text files (*.txt)", "none", home);
        }

        Array.Sort(files, StringComparer.Ordinal);
        TextSource source = new(string.Concat(files.Select(file => DataFile.Read(file, home, stream => Decode(file, stream, home)))), units);
        return source.Vocabulary.Count > 1
            ? source
            : throw DataSetException.Damaged(
                files.Length == 1 ? files[0] : directory,
                "a text of at least two different characters",
                source.Vocabulary.Count == 0 ? "an empty one" : $"one of U+{source.Vocabulary[0]:X4} alone, {source._symbols.Length} times",
                home);
    }

    /// <summary>SHA-256 of the text in UTF-8; with a marker after it where code points are not UTF-16 units.</summary>
    public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(!_units && HasPairs ? _text + Marker : _text)));

    /// <inheritdoc/>
    public DataSplit Prepare(DataSpecification specification, torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(specification);
        int length = specification.SequenceLength ?? DefaultLength;
        Dictionary<int, long> numbers = Vocabulary.Select((point, place) => (point, place)).ToDictionary(p => p.point, p => (long)p.place);
        return new DataSplit(
            Part("train", Train, specification.TrainExamples), Part("test", Test, specification.TestExamples));

        TextDataSet Part(string part, ReadOnlyMemory<int> characters, int? limit)
        {
            int available = TextDataSet.Windows(characters.Length, length);
            if (length < 1 || available == 0)
            {
                throw new ArgumentException(
                    $"curvature.data.sequence-length is {length}; the {part} part of \"{specification.Name}\" has "
                    + $"{characters.Length} characters, of which the last is only a target.");
            }

            long[] symbols = [.. characters.ToArray().Select(character => numbers[character])];
            int count = ExampleLimit.Of(part, limit, available, specification.Name, "windows");
            return new TextDataSet(symbols, length, Vocabulary.Count, count, device, shared: true);
        }
    }

    private static string Decode(string path, FileStream stream, string home)
    {
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        try
        {
            // Only UTF-8: another byte order mark is an error, not another encoding.
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
            return FileSignature.NoText(bytes) is { } what ? throw DataSetException.Damaged(path, "a text", what, home) : text;
        }
        catch (DecoderFallbackException error)
        {
            bool wide = bytes is [0xff, 0xfe, ..] or [0xfe, 0xff, ..];
            throw DataSetException.Damaged(
                path,
                "a text in UTF-8",
                wide && bytes.Length % 2 == 0 ? "one that begins as UTF-16 does"
                    : FileSignature.Describe(bytes) ?? $"bytes that are not, from byte {error.Index + 1} on",
                home,
                error);
        }
    }
}
