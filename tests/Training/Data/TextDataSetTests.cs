using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Tests.Data;

public sealed class TextDataSetTests
{
    private static readonly DataSpecification Shipped = new() { Name = "paradise-lost", SequenceLength = 64 };

    [Fact]
    public void The_shipped_text_is_the_file_that_its_readme_describes()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(DataSets.ShippedTextDirectory, "paradise-lost.txt"));
        string readme = File.ReadAllText(Path.Combine(DataSets.ShippedTextDirectory, "README.md"));
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Assert.Contains($"| paradise-lost.txt | {bytes.Length} | {sha256} |", readme, StringComparison.Ordinal);
        Assert.Contains($"{bytes.Distinct().Count()} different characters", readme, StringComparison.Ordinal);
        Assert.Contains("public domain", readme, StringComparison.Ordinal);

        // Computed by another program.
        Assert.Equal(26_413_064, bytes.Sum(value => (long)value));
        Assert.Equal(13_215_795_163, bytes.Select((value, place) => (long)value * ((place % 1000) + 1)).Sum());
        Assert.Equal(sha256, DataSets.Fingerprint(new() { Name = "text", Directory = DataSets.ShippedTextDirectory }));
    }

    [Fact]
    public void The_shipped_text_is_split_nine_to_one_and_every_target_is_the_next_character()
    {
        using var scope = torch.NewDisposeScope();
        TextSource source = TextSource.Read(DataSets.ShippedTextDirectory);
        (ExampleSet train, ExampleSet test) = DataSets.Load(Shipped);
        Assert.Equal(64, train.Classes);
        Assert.Equal(262_126, source.Train.Length);
        Assert.Equal((262_126 - 1) / 64, train.Count);
        Assert.Equal((29_126 - 1) / 64, test.Count);
        Assert.Equal(new SequenceShape(64), train.Shape);

        // Window 777, cut out by another program.
        const string Window = "ance, how endued, and what their power\nAnd where their weakness: ";
        (torch.Tensor inputs, torch.Tensor targets) = train.Batch([777, 0]);
        Assert.Equal(Window[..64], Text(source, inputs[0]));
        Assert.Equal(Window[1..], Text(source, targets[0]));
        Assert.StartsWith("Book I\n\nOf Man's first", Text(source, inputs[1]), StringComparison.Ordinal);
        (inputs, _) = test.Batch([0]);
        Assert.Equal(Text(source.Test[..64]), Text(source, inputs[0]));
    }

    [Fact]
    public void Windows_do_not_overlap_and_the_last_has_a_target()
    {
        using var scope = torch.NewDisposeScope();
        using TextDataSet set = new([0, 1, 2, 3, 0, 1, 2], length: 3, classes: 4);
        Assert.Equal(2, set.Count);
        (torch.Tensor inputs, torch.Tensor targets) = set.Batch([1, 0]);
        Assert.Equal([3, 0, 1, 0, 1, 2], inputs.data<long>().ToArray());
        Assert.Equal([0, 1, 2, 1, 2, 3], targets.data<long>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Batch([2]));
    }

    [Fact]
    public void A_text_that_is_too_short_or_has_other_symbols_is_refused()
    {
        Assert.Contains("1 windows of 3", Message(() => _ = new TextDataSet([0, 1, 0], 3, 2, 1)), StringComparison.Ordinal);
        Assert.Contains("from 0 to 1", Message(() => _ = new TextDataSet([0, 1, 2, 0], 3, 2)), StringComparison.Ordinal);
        Assert.Contains(
            "curvature.data.sequence-length is 30000",
            Message(() => DataSets.Load(Shipped with { SequenceLength = 30_000 })),
            StringComparison.Ordinal);
        Assert.Contains(
            "has only 455 test windows",
            Message(() => DataSets.Load(Shipped with { TestExamples = 1000 })),
            StringComparison.Ordinal);

        static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    [Fact]
    public void A_folder_of_texts_is_read_in_the_order_of_names_and_what_is_wrong_with_it_is_said()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("found none", Message(), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder.Path, "b.txt"), "cab");
        File.WriteAllText(Path.Combine(folder.Path, "a.txt"), "äbbbbbb");
        TextSource source = TextSource.Read(folder.Path);
        Assert.Equal("abcä", Text(source.Vocabulary.ToArray()));
        Assert.Equal("äbbbbbbca", Text(source.Train));
        Assert.Equal("b", Text(source.Test));
        File.WriteAllBytes(Path.Combine(folder.Path, "c.txt"), [0xff, 0xfe, 0xfd]);
        Assert.Contains("c.txt: expected a text in UTF-8", Message(), StringComparison.Ordinal);

        string Message() => Assert.Throws<DataSetException>(() => TextSource.Read(folder.Path)).Message;
    }

    [Fact]
    public void Given_characters_beyond_the_basic_plane_then_each_is_one_symbol()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        // An emoji, a cuneiform sign and a mathematical letter; an accent after its letter is a symbol of its own.
        const string Unit = "\U0001F600a\U00012000\U0001D538e\u0301";
        string text = string.Concat(Enumerable.Repeat(Unit, 20));
        File.WriteAllText(Path.Combine(folder.Path, "a.txt"), text);
        DataSpecification data = new() { Name = "text", Directory = folder.Path, SequenceLength = 6 };

        (ExampleSet train, ExampleSet test) = DataSets.Load(data);

        Assert.Equal(6, train.Classes);
        Assert.Equal((108 - 1) / 6, train.Count);
        Assert.Equal((12 - 1) / 6, test.Count);
        Assert.Equal([0x61, 0x65, 0x301, 0x12000, 0x1D538, 0x1F600], TextSource.Read(folder.Path).Vocabulary);
        Assert.Equal([5, 0, 3, 4, 1, 2], train.Batch([3]).Inputs.data<long>().ToArray());

        // A run of the version that took pairs for two symbols has the digest of the text alone, and goes on with them.
        string old = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
        Assert.NotEqual(old, DataSets.Fingerprint(data));
        Assert.Equal(9, DataSets.Load(data with { Sha256 = old }).Train.Classes);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0x61, 0x61 }, "at least two different characters", "U+0061 alone, 3 times")]
    [InlineData(new byte[] { 0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f, 0x98, 0x80 }, "at least two different characters", "U+1F600 alone, 2 times")]
    [InlineData(new byte[0], "at least two different characters", "an empty one")]
    [InlineData(new byte[] { 0xef, 0xbb, 0xbf }, "at least two different characters", "an empty one")]
    [InlineData(new byte[] { 0x61, 0x62, 0xe9, 0x63 }, "a text in UTF-8", "from byte 3 on")]
    [InlineData(new byte[] { 0x61, 0xed, 0xa0, 0x80 }, "a text in UTF-8", "from byte 2 on")]
    [InlineData(new byte[] { 0xff, 0xfe, 0x61, 0 }, "a text in UTF-8", "UTF-16")]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0 }, "a text in UTF-8", "gzip")]
    public void Given_a_file_that_is_no_text_to_learn_from_then_it_is_named(byte[] content, string expected, string found)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", content);

        string message = Assert.Throws<DataSetException>(() => TextSource.Read(folder.Path)).Message;

        Assert.StartsWith(folder["a.txt"], message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Paradise Lost</body></html>", "web page")]
    [InlineData("\ufeff\n  <HTML lang=en>404", "web page")]
    [InlineData("<?xml version=\"1.0\"?><Error>AccessDenied</Error>", "XML")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git LFS")]
    [InlineData("PK\u0003\u0004\u0014\0\0\0", "zip")]
    [InlineData("Of Man's first disobedience\0", "a NUL, at byte 28")]
    [InlineData("\0\0\u0008\u0003", "a NUL, at byte 1")]
    public void Given_another_kind_of_file_under_a_texts_name_then_it_is_called_that(string content, string found)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", Encoding.UTF8.GetBytes("A text.\n"));
        folder.Write("b.txt", Encoding.UTF8.GetBytes(content));

        string message = Assert.Throws<DataSetException>(() => TextSource.Read(folder.Path)).Message;

        Assert.StartsWith(folder["b.txt"], message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MATLAB is a language; BZh and PAR1 are not.")]
    [InlineData("a < b, <html> in the middle, and\u00a0a space")]
    public void Given_a_text_that_only_looks_like_another_kind_then_it_is_a_text(string content)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", Encoding.UTF8.GetBytes(content));

        Assert.Equal(content.Distinct().Count(), TextSource.Read(folder.Path).Vocabulary.Count);
    }

    private static string Text(ReadOnlyMemory<int> points) =>
        string.Concat(points.ToArray().Select(char.ConvertFromUtf32));

    private static string Text(TextSource source, torch.Tensor symbols) =>
        string.Concat(symbols.data<long>().ToArray().Select(symbol => char.ConvertFromUtf32(source.Vocabulary[(int)symbol])));
}
