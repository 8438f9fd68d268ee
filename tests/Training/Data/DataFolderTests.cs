using System.IO.Compression;
using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class DataFolderTests : IDisposable
{
    private static readonly byte[] Images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 8, 9];
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{0}.idx{1}-ubyte", "t10k")]
    [InlineData("{0}-idx{1}-ubyte.gz", "t10k")]
    [InlineData("{0}-idx{1}-ubyte (1).gz", "t10k")]
    [InlineData("{0}-idx{1}-ubyte(12)", "t10k")]
    [InlineData("{0}-idx{1}-ubyte.gz.1", "t10k")]
    [InlineData("{0}.idx{1}-ubyte.gz", "t10k")]
    [InlineData("{0}-IDX{1}-UBYTE.GZ", "T10K")]
    [InlineData("emnist-letters-{0}-idx{1}-ubyte.gz", "test")]
    [InlineData("qmnist_{0}_idx{1}_ubyte", "test")]
    [InlineData("{0}-idx{1}-ubyte - Copy (2).gz", "test")]
    public void Given_the_names_that_people_have_then_the_files_are_found(string pattern, string test)
    {
        Write(pattern, test);

        (ByteImages train, ByteImages testPart) = IdxReader.Read(_folder.Path);

        Assert.Equal([8, 9], train.Pixels.ToArray());
        Assert.Equal([0, 1], testPart.Labels.ToArray());
    }

    [Fact]
    public void Given_the_right_name_beside_a_second_download_then_the_right_name_is_taken()
    {
        Write("{0}-idx{1}-ubyte", "t10k");
        _folder.Write("train-images-idx3-ubyte (1)", [1, 2, 3]);
        _folder.Write("Train-Images-idx3-ubyte.gz", [1, 2, 3]);
        _folder.Write("emnist-train-images-idx3-ubyte", [1, 2, 3]);

        Assert.Equal([8, 9], IdxReader.Read(_folder.Path).Train.Pixels.ToArray());
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte (1).gz", "train-images-idx3-ubyte (2).gz")]
    [InlineData("train-images-idx3-ubyte(7)", "train-images.idx3-ubyte (1)")]
    [InlineData("Train-Images-IDX3-ubyte", "train_images_idx3_ubyte")]
    public void Given_two_files_that_may_be_meant_then_they_must_say_the_same(string one, string other)
    {
        Write("{0}.idx{1}-ubyte", "t10k");
        File.Delete(_folder["train-images.idx3-ubyte"]);
        byte[] different = [.. Images[..^1], 10];
        WriteMaybePacked(one, Images);
        WriteMaybePacked(other, different);

        string message = Refused();

        Assert.Contains(one, message, StringComparison.Ordinal);
        Assert.Contains(other, message, StringComparison.Ordinal);
        Assert.Contains("different contents", message, StringComparison.Ordinal);

        WriteMaybePacked(other, Images);
        Assert.Equal([8, 9], IdxReader.Read(_folder.Path).Train.Pixels.ToArray());

        // The name of the format decides.
        WriteMaybePacked(other, different);
        _folder.Write("train-images-idx3-ubyte", Images);
        Assert.Equal([8, 9], IdxReader.Read(_folder.Path).Train.Pixels.ToArray());
    }

    [Fact]
    public void Given_two_sets_in_one_folder_then_both_are_named()
    {
        Write("emnist-letters-{0}-idx{1}-ubyte.gz", "test");
        Write("emnist-digits-{0}-idx{1}-ubyte.gz", "test");
        string message = Refused();
        Assert.Contains("emnist-digits, emnist-letters", message, StringComparison.Ordinal);
        Assert.Contains("folder of its own", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_complete_set_beside_a_part_of_another_then_the_complete_one_is_taken()
    {
        Write("emnist-letters-{0}-idx{1}-ubyte.gz", "test");
        _folder.Write("emnist-digits-train-images-idx3-ubyte.gz", [1, 2, 3]);
        Assert.Equal([8, 9], IdxReader.Read(_folder.Path).Train.Pixels.ToArray());
    }

    [Fact]
    public void Given_files_in_a_folder_below_then_that_folder_is_named()
    {
        Directory.CreateDirectory(_folder["MNIST/raw"]);
        Write("MNIST/raw/{0}-idx{1}-ubyte", "t10k");
        Assert.Contains(_folder["MNIST/raw"] + " has such files", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train-images.npy")]
    [InlineData("train_images_idx3_ubyte.gz.part")]
    [InlineData("archive.zip")]
    public void Given_only_a_similar_name_then_it_is_named(string name)
    {
        _folder.Write(name, [1]);
        Assert.Contains($"similar names there: {name}", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cifar-10-python/cifar-10-batches-bin", "{0}.bin", true)]
    [InlineData("", "{0} (1).bin", false)]
    [InlineData("", "{0}.BIN", false)]
    [InlineData("cifar-10-batches-bin", "{0}.bin", false)]
    public void Given_cifar_files_elsewhere_or_with_other_names_then_found_or_the_folder_named(string below, string pattern, bool named)
    {
        CifarLayout layout = CifarLayout.Cifar10 with { TrainRecords = 1, TestRecords = 1 };
        Directory.CreateDirectory(_folder[below]);
        foreach (string file in layout.TrainFiles.Append(layout.TestFile))
        {
            _folder.Write(
                Path.Combine(below, string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, Path.GetFileNameWithoutExtension(file))),
                new byte[3073]);
        }

        if (named)
        {
            string message = Assert.Throws<DataSetException>(() => CifarReader.Read(_folder.Path, layout)).Message;
            Assert.Contains(_folder[below] + " has such files", message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(5, CifarReader.Read(_folder.Path, layout).Train.Count);
        }
    }

    [Fact]
    public void Given_a_web_page_as_a_cifar_file_then_it_is_called_that()
    {
        CifarLayout layout = CifarLayout.Cifar100 with { TrainRecords = 1, TestRecords = 1 };
        _folder.Write("train.bin", [.. "<!doctype html><p>moved"u8, .. new byte[9000]]);
        _folder.Write("test.bin", [.. "<html>short"u8]);
        Assert.Contains("a web page", Assert.Throws<DataSetException>(() => CifarReader.Read(_folder.Path, layout)).Message, StringComparison.Ordinal);
    }

    private string Refused() => Assert.Throws<DataSetException>(() => IdxReader.Read(_folder.Path)).Message;

    private void WriteMaybePacked(string name, byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        _folder.Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? packed.ToArray() : content);
    }

    private void Write(string pattern, string test)
    {
        string train = char.IsUpper(test[0]) ? "TRAIN" : "train";
        foreach (string part in (string[])[train, test])
        {
            Put($"{part}-images", 3, Images);
            Put($"{part}-labels", 1, Labels);
        }

        void Put(string role, int dimensions, byte[] content)
        {
            string name = string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, role, dimensions);
            using MemoryStream packed = new();
            using (GZipStream zip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                zip.Write(content);
            }

            _folder.Write(name, name.Contains(".gz", StringComparison.OrdinalIgnoreCase) ? packed.ToArray() : content);
        }
    }
}
