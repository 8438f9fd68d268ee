using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class CifarReaderTests : IDisposable
{
    private static readonly CifarLayout Ten = CifarLayout.Cifar10 with { TrainRecords = 2, TestRecords = 1 };
    private static readonly CifarLayout Hundred = CifarLayout.Cifar100 with { TrainRecords = 2, TestRecords = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Given_the_files_of_cifar_10_it_joins_them_in_order()
    {
        WriteTen();

        (ByteImages train, ByteImages test) = CifarReader.Read(_folder.Path, Ten);

        Assert.Equal(new ImageShape(3, 32, 32), train.Shape);
        Assert.Equal(10, train.Classes);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], train.Labels.ToArray());
        Assert.Equal([9], test.Labels.ToArray());
        for (int image = 0; image < 10; image++)
        {
            ReadOnlySpan<byte> pixels = train.Pixels.Span.Slice(image * 3072, 3072);
            // Red, green and blue plane, as Record writes them.
            Assert.Equal(1024, pixels[..1024].Count((byte)(10 * image)));
            Assert.Equal(1024, pixels[1024..2048].Count((byte)((10 * image) + 1)));
            Assert.Equal(1024, pixels[2048..].Count((byte)((10 * image) + 2)));
        }
    }

    [Fact]
    public void Given_the_files_of_cifar_100_the_fine_label_counts()
    {
        WriteHundred();

        (ByteImages train, ByteImages test) = CifarReader.Read(_folder.Path, Hundred);

        Assert.Equal(100, train.Classes);
        Assert.Equal([99, 42], train.Labels.ToArray());
        Assert.Equal([57], test.Labels.ToArray());
        Assert.Equal(30, train.Pixels.Span[0]);
        Assert.Equal(40, train.Pixels.Span[3072]);
        Assert.Equal(42, train.Pixels.Span[^1]);
    }

    [Fact]
    public void Given_the_folder_that_the_archive_was_unpacked_in_it_looks_inside()
    {
        WriteHundred();
        string inside = Directory.CreateDirectory(_folder["cifar-100-binary"]).FullName;
        File.Move(_folder["train.bin"], Path.Combine(inside, "train.bin"));
        File.Move(_folder["test.bin"], Path.Combine(inside, "test.bin"));

        Assert.Equal(2, CifarReader.Read(_folder.Path, Hundred).Train.Count);
    }

    [Theory]
    [InlineData("data_batch_1.bin")]
    [InlineData("data_batch_5.bin")]
    [InlineData("test_batch.bin")]
    public void Given_a_missing_file_the_error_names_it(string name)
    {
        WriteTen();
        File.Delete(_folder[name]);
        AssertRefused(name, Ten, "this file of the binary version", "no such file");
    }

    [Fact]
    public void Given_no_directory_the_error_names_it()
    {
        var error = Assert.Throws<DataSetException>(() => CifarReader.Read(_folder["nowhere"], Ten));
        Assert.StartsWith(_folder["nowhere"], error.Message, StringComparison.Ordinal);
        Assert.Contains("no such directory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "only 0")]
    [InlineData(3073, "only 3073")]
    [InlineData(6145, "only 6145")]
    [InlineData(6147, "more")]
    [InlineData(3 * 3073, "more")]
    public void Given_a_file_of_another_length_it_is_refused(int length, string found)
    {
        WriteTen();
        _folder.Write("data_batch_3.bin", new byte[length]);
        AssertRefused("data_batch_3.bin", Ten, "6146 bytes (2 records of 3073)", found);
    }

    [Fact]
    public void Given_a_label_out_of_range_it_is_refused()
    {
        WriteTen();
        _folder.Write("data_batch_2.bin", [.. Record([3], 0), .. Record([10], 0)]);
        AssertRefused("data_batch_2.bin", Ten, "labels from 0 to 9", "label 10 at image 1");

        WriteHundred();
        _folder.Write("test.bin", Record([0, 100], 0));
        AssertRefused("test.bin", Hundred, "labels from 0 to 99", "label 100 at image 0");
        _folder.Write("test.bin", Record([20, 99], 0));
        AssertRefused("test.bin", Hundred, "labels from 0 to 19", "label 20 at image 0");
    }

    [Fact]
    public void The_layouts_have_the_sizes_that_the_home_page_gives()
    {
        Assert.Equal(5, CifarLayout.Cifar10.TrainFiles.Count);
        Assert.Equal(10_000, CifarLayout.Cifar10.TrainRecords);
        Assert.Equal(10_000, CifarLayout.Cifar10.TestRecords);
        Assert.Equal(50_000, CifarLayout.Cifar100.TrainRecords);
        Assert.Equal(10_000, CifarLayout.Cifar100.TestRecords);
    }

    private void WriteTen()
    {
        for (int file = 0; file < 5; file++)
        {
            int first = 2 * file;
            _folder.Write(
                $"data_batch_{file + 1}.bin",
                [.. Record([(byte)first], (byte)(10 * first)), .. Record([(byte)(first + 1)], (byte)(10 * (first + 1)))]);
        }
        _folder.Write("test_batch.bin", Record([9], 200));
    }

    private void WriteHundred()
    {
        _folder.Write("train.bin", [.. Record([19, 99], 30), .. Record([0, 42], 40)]);
        _folder.Write("test.bin", Record([1, 57], 50));
    }

    private static byte[] Record(byte[] labels, byte red) =>
        [.. labels, .. Plane(red), .. Plane((byte)(red + 1)), .. Plane((byte)(red + 2))];

    private static IEnumerable<byte> Plane(byte value) => Enumerable.Repeat(value, 1024);

    private void AssertRefused(string name, CifarLayout layout, string expected, string found)
    {
        var error = Assert.Throws<DataSetException>(() => CifarReader.Read(_folder.Path, layout));
        Assert.StartsWith(_folder[name], error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.Contains("https://www.cs.toronto.edu/~kriz/cifar.html", error.Message, StringComparison.Ordinal);
        Assert.Contains(layout.Archive, error.Message, StringComparison.Ordinal);
    }
}
