using System.IO.Compression;
using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class IdxReaderTests : IDisposable
{
    private const string TrainImages = "train-images-idx3-ubyte";
    private const string TrainLabels = "train-labels-idx1-ubyte";
    private const string TestImages = "t10k-images-idx3-ubyte";
    private const string TestLabels = "t10k-labels-idx1-ubyte";

    private readonly TemporaryFolder _folder = new();

    public IdxReaderTests()
    {
        // Three training images and one test image of 2 x 3, written out by hand.
        _folder.Write(TrainImages,
            [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3,
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 255]);
        _folder.Write(TrainLabels, [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]);
        _folder.Write(TestImages, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 21, 22, 23, 24, 25, 26]);
        _folder.Write(TestLabels, [0, 0, 8, 1, 0, 0, 0, 1, 4]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TrainLabels)]
    [InlineData(TestImages)]
    public void Given_a_pipe_in_the_place_of_a_file_nobody_waits_for_it(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These are files of Linux.");
        File.Delete(_folder[name]);
        PlainFileTests.MakePipe(_folder[name]);

        string message = Assert.Throws<DataSetException>(() => DataSets.Load(new() { Name = "idx", Directory = _folder.Path })).Message;

        Assert.StartsWith($"{_folder[name]}: expected a file, found a pipe", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Given_hand_made_files_plain_or_packed_it_reads_them(bool packed)
    {
        if (packed)
        {
            foreach (string name in new[] { TrainImages, TrainLabels, TestImages, TestLabels })
            {
                _folder.Write(name + ".gz", Gzip(File.ReadAllBytes(_folder[name])));
                File.Delete(_folder[name]);
            }
        }

        (ByteImages train, ByteImages test) = IdxReader.Read(_folder.Path);

        Assert.Equal(new ImageShape(1, 2, 3), train.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 255], train.Pixels.ToArray());
        Assert.Equal([7, 0, 9], train.Labels.ToArray());
        Assert.Equal([21, 22, 23, 24, 25, 26], test.Pixels.ToArray());
        Assert.Equal([4], test.Labels.ToArray());
        Assert.Equal(10, test.Classes);
    }

    [Fact]
    public void Given_more_than_a_block_of_data_it_reads_all_of_it()
    {
        // 2 x 650 x 1000 bytes: above the first block of the growing buffer, and no power of two.
        byte[] pixels = new byte[1_300_000];
        new Random(1).NextBytes(pixels);
        _folder.Write(TrainImages, Gzip([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0x02, 0x8a, 0, 0, 0x03, 0xe8, .. pixels]));
        _folder.Write(TrainLabels, [0, 0, 8, 1, 0, 0, 0, 2, 7, 4]);
        _folder.Write(TestLabels, [0, 0, 8, 1, 0, 0, 0, 2, 7, 4]);
        _folder.Write(TestImages, File.ReadAllBytes(_folder[TrainImages]));

        Assert.Equal(pixels, IdxReader.Read(_folder.Path).Train.Pixels.ToArray());
    }

    [Theory]
    [InlineData(TrainImages)]
    [InlineData(TrainLabels)]
    [InlineData(TestImages)]
    [InlineData(TestLabels)]
    public void Given_a_missing_file_the_error_names_it(string name)
    {
        File.Delete(_folder[name]);
        AssertRefused(name, "plain or as .gz", "neither");
    }

    [Fact]
    public void Given_no_directory_the_error_names_it()
    {
        string missing = _folder["nowhere"];
        var error = Assert.Throws<DataSetException>(() => IdxReader.Read(missing));
        AssertSentence(error, missing, "a directory with train-images-idx3-ubyte.gz", "no such directory");

        error = Assert.Throws<DataSetException>(() => IdxReader.Read(_folder[TrainImages]));
        AssertSentence(error, _folder[TrainImages], "a directory", "found a file");
    }

    [Fact]
    public void Given_a_directory_in_place_of_a_file_it_counts_as_missing()
    {
        File.Delete(_folder[TestLabels]);
        Directory.CreateDirectory(_folder[TestLabels]);
        AssertRefused(TestLabels, "this file", "neither");
    }

    [Theory]
    [InlineData(TrainImages, 3, 1, "magic number 0x00000803", "0x00000801")]
    [InlineData(TrainLabels, 3, 3, "magic number 0x00000801", "0x00000803")]
    [InlineData(TestImages, 2, 9, "magic number 0x00000803", "0x00000903")]
    [InlineData(TrainImages, 7, 0, "positive dimensions", "0 x 2 x 3")]
    [InlineData(TrainImages, 4, 0x80, "positive dimensions", "x 2 x 3")]
    [InlineData(TrainImages, 12, 0x7f, "positive dimensions", "3 x 2 x ")]
    [InlineData(TrainImages, 4, 0x0f, "bytes of data", "only 18")]
    [InlineData(TrainImages, 7, 4, "24 bytes of data (4 x 2 x 3)", "only 18")]
    [InlineData(TrainImages, 7, 2, "12 bytes of data (2 x 2 x 3)", "more")]
    [InlineData(TrainLabels, 7, 4, "4 bytes of data (4)", "only 3")]
    [InlineData(TestLabels, 8, 10, "labels from 0 to 9", "label 10 at image 0")]
    [InlineData(TestLabels, 8, 255, "labels from 0 to 9", "label 255 at image 0")]
    public void Given_a_changed_byte_the_error_says_what_is_wrong(
        string name, int place, byte value, string expected, string found)
    {
        byte[] bytes = File.ReadAllBytes(_folder[name]);
        bytes[place] = value;
        _folder.Write(name, bytes);
        AssertRefused(name, expected, found);

        // Packed, the header is just as wrong.
        _folder.Write(name, Gzip(bytes));
        AssertRefused(name, expected, found);
    }

    [Fact]
    public void Given_files_that_do_not_belong_together_the_error_says_so()
    {
        _folder.Write(TrainLabels, [0, 0, 8, 1, 0, 0, 0, 2, 7, 0]);
        AssertRefused(TrainLabels, "3 labels, one for each image", "2 labels");

        _folder.Write(TrainLabels, [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]);
        _folder.Write(TestImages, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 2, 21, 22, 23, 24, 25, 26]);
        AssertRefused(TestImages, "images of 2 x 3 as in the training file", "3 x 2");
    }

    [Fact]
    public void Given_a_plain_file_cut_anywhere_it_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(_folder[TrainImages]);
        for (int length = 0; length < bytes.Length; length++)
        {
            _folder.Write(TrainImages, bytes[..length]);
            AssertRefused(TrainImages, "expected", "found");
        }
    }

    [Fact]
    public void Given_a_packed_file_cut_anywhere_it_is_refused()
    {
        byte[] bytes = Gzip(File.ReadAllBytes(_folder[TrainImages]));
        for (int length = 0; length < bytes.Length; length++)
        {
            _folder.Write(TrainImages, bytes[..length]);
            AssertRefused(TrainImages, "expected", "found");
        }
    }

    [Fact]
    public void Given_a_packed_file_with_any_byte_of_its_data_or_checksum_changed_it_is_refused()
    {
        byte[] bytes = Gzip(File.ReadAllBytes(_folder[TrainImages]));
        // The first ten bytes are the gzip header, some of which (time, system) mean nothing to the content.
        for (int place = 10; place < bytes.Length; place++)
        {
            byte[] damaged = [.. bytes];
            damaged[place] ^= 0x55;
            _folder.Write(TrainImages, damaged);
            AssertRefused(TrainImages, "expected", "found");
        }
    }

    [Fact]
    public void Given_a_file_longer_than_its_header_says_it_is_refused()
    {
        byte[] bytes = [.. File.ReadAllBytes(_folder[TrainImages]), 0];
        _folder.Write(TrainImages, bytes);
        AssertRefused(TrainImages, "18 bytes of data (3 x 2 x 3)", "more");
        _folder.Write(TrainImages, Gzip(bytes));
        AssertRefused(TrainImages, "18 bytes of data (3 x 2 x 3)", "more");
    }

    [Fact]
    public void Given_an_own_number_of_classes_labels_are_held_to_it()
    {
        var error = Assert.Throws<DataSetException>(() => IdxReader.Read(_folder.Path, classes: 9));
        AssertSentence(error, _folder[TrainLabels], "labels from 0 to 8", "label 9 at image 2");
    }

    private void AssertRefused(string name, string expected, string found) => AssertSentence(
        Assert.Throws<DataSetException>(() => IdxReader.Read(_folder.Path)), _folder[name], expected, found);

    private static void AssertSentence(DataSetException error, string path, string expected, string found)
    {
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.Contains("https://github.com/zalandoresearch/fashion-mnist", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream zip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(content);
        }
        return packed.ToArray();
    }
}
