using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// A text as a sequence of characters: the first nine tenths to train on, the rest to test on. The vocabulary is that
/// of the whole text, in the order of the code points.
/// </summary>
/// <param name="text">The text.</param>
public sealed class TextSource(string text) : IExampleSource
{
    /// <summary>Positions of a window when the specification says nothing.</summary>
    public const int DefaultLength = 64;

    /// <summary>The different characters in ascending order; a character's number is its place here.</summary>
    public string Vocabulary { get; } = string.Concat(text.Distinct().Order());

    /// <summary>The characters to train on.</summary>
    public string Train => text[..TrainLength];

    /// <summary>The characters to test on.</summary>
    public string Test => text[TrainLength..];

    private int TrainLength => (int)(text.Length * 9L / 10);

    /// <summary>Reads every <c>.txt</c> file of a folder, joined in the order of their names (by code point).</summary>
    /// <exception cref="DataSetException">The folder is missing or has no such file, or one is not UTF-8.</exception>
    public static TextSource Read(string directory, string home = "wherever the text is from")
    {
        DataFile.RequireDirectory(directory, "text files (*.txt)", home);
        string[] files = Directory.GetFiles(directory, "*.txt");
        if (files.Length == 0)
        {
            throw DataSetException.Damaged(directory, "text files (*.txt)", "none", home);
        }

        Array.Sort(files, StringComparer.Ordinal);
        return new TextSource(string.Concat(files.Select(file => DataFile.Read(file, home, stream => Decode(file, stream, home)))));
    }

    /// <summary>SHA-256 of the text in UTF-8.</summary>
    public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <inheritdoc/>
    public DataSplit Prepare(DataSpecification specification, torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(specification);
        int length = specification.SequenceLength ?? DefaultLength;
        return new DataSplit(
            Part("train", Train, specification.TrainExamples), Part("test", Test, specification.TestExamples));

        TextDataSet Part(string part, string characters, int? limit)
        {
            int available = TextDataSet.Windows(characters.Length, length);
            if (length < 1 || available == 0)
            {
                throw new ArgumentException(
                    $"curvature.data.sequence-length is {length}; the {part} part of \"{specification.Name}\" has "
                    + $"{characters.Length} characters, of which the last is only a target.");
            }

            long[] symbols = [.. characters.Select(character => (long)Vocabulary.IndexOf(character))];
            int count = ExampleLimit.Of(part, limit, available, specification.Name, "windows");
            return new TextDataSet(symbols, length, Vocabulary.Length, count, device, shared: true);
        }
    }

    private static string Decode(string path, FileStream stream, string home)
    {
        try
        {
            // Only UTF-8: another byte order mark is an error, not another encoding.
            using StreamReader reader = new(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), false);
            return reader.ReadToEnd().TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException error)
        {
            throw DataSetException.Damaged(path, "a text in UTF-8", "bytes that are not", home, error);
        }
    }
}
