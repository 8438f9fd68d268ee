using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Data;

public sealed class DataSetsFingerprintTests
{
    [Fact]
    public void Given_the_same_images_packed_and_unpacked_then_the_fingerprint_is_that_of_the_raw_bytes()
    {
        using var folder = new TemporaryFolder();
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in (string[])["train", "t10k"])
        {
            byte[] images = Unpack(folder.Path, $"{part}-images-idx3-ubyte");
            byte[] labels = Unpack(folder.Path, $"{part}-labels-idx1-ubyte");
            int count = labels.Length - 8;
            expected.AppendData(Encoding.ASCII.GetBytes($"{count} {new ImageShape(1, 28, 28)} 10\n"));
            expected.AppendData(images.AsSpan(16));
            expected.AppendData(labels.AsSpan(8));
        }

        string sha256 = Convert.ToHexStringLower(expected.GetHashAndReset());
        Assert.Equal(sha256, DataSets.Fingerprint(Idx(folder.Path)));
        Assert.Equal(sha256, DataSets.Fingerprint(Idx(DataSets.ShippedDirectory)));
    }

    [Fact]
    public void Given_other_images_than_planned_then_loading_refuses_and_says_so()
    {
        var specification = new DataSpecification
        {
            Name = "idx",
            Directory = DataSets.ShippedDirectory,
            Sha256 = new string('0', 64),
        };
        DataSetException error = Assert.Throws<DataSetException>(() => DataSets.Load(specification));
        Assert.Contains(DataSets.ShippedDirectory, error.Message, StringComparison.Ordinal);
    }

    private static DataSpecification Idx(string folder) => new() { Name = "idx", Directory = folder };

    private static byte[] Unpack(string folder, string name)
    {
        using FileStream packed = File.OpenRead(Path.Combine(DataSets.ShippedDirectory, name + ".gz"));
        using var content = new GZipStream(packed, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        File.WriteAllBytes(Path.Combine(folder, name), bytes.ToArray());
        return bytes.ToArray();
    }
}
