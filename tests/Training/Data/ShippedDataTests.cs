using System.IO.Compression;
using System.Security.Cryptography;
using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class ShippedDataTests
{
    private static readonly ByteSplit Shipped = IdxReader.Read(DataSets.ShippedDirectory);

    [Fact]
    public void Has_5000_and_1000_images_of_28_x_28_in_balanced_classes()
    {
        Assert.Equal(5000, Shipped.Train.Count);
        Assert.Equal(1000, Shipped.Test.Count);
        Assert.Equal(new ImageShape(1, 28, 28), Shipped.Train.Shape);
        Assert.Equal(new ImageShape(1, 28, 28), Shipped.Test.Shape);
        for (byte label = 0; label < 10; label++)
        {
            Assert.Equal(500, Shipped.Train.Labels.Span.Count(label));
            Assert.Equal(100, Shipped.Test.Labels.Span.Count(label));
        }
    }

    // Label, sum of the pixels, sum of pixel times (1 + place), computed by another program from the original files.
    [Theory]
    [InlineData(true, 0, 9, 76247, 35954273)]
    [InlineData(true, 1, 0, 84598, 31851581)]
    [InlineData(true, 777, 5, 32146, 13079648)]
    [InlineData(true, 4999, 0, 52817, 19117842)]
    [InlineData(false, 0, 9, 33456, 16008570)]
    [InlineData(false, 1, 2, 100994, 40080513)]
    [InlineData(false, 777, 1, 40259, 12965622)]
    [InlineData(false, 999, 5, 22553, 9998958)]
    public void Holds_the_images_of_the_originals(bool train, int index, int label, long sum, long weightedSum)
    {
        ByteImages images = train ? Shipped.Train : Shipped.Test;
        byte[] pixels = images.Pixels.Slice(index * 784, 784).ToArray();

        Assert.Equal(label, images.Labels.Span[index]);
        Assert.Equal(sum, pixels.Sum(pixel => (long)pixel));
        Assert.Equal(weightedSum, pixels.Select((pixel, place) => (long)pixel * (place + 1)).Sum());
    }

    [Fact]
    public void Starts_with_the_labels_that_the_originals_start_with()
    {
        Assert.Equal([9, 0, 0, 3, 0, 2, 7, 2, 5, 5, 0, 9], Shipped.Train.Labels[..12].ToArray());
        Assert.Equal([9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5], Shipped.Test.Labels[..12].ToArray());
    }

    [Fact]
    public void Has_the_checksums_and_sizes_that_its_readme_lists()
    {
        string readme = File.ReadAllText(Path.Combine(DataSets.ShippedDirectory, "README.md"));
        string[] files = Directory.GetFiles(DataSets.ShippedDirectory, "*.gz");

        Assert.Equal(4, files.Length);
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            using GZipStream content = new(new MemoryStream(bytes), CompressionMode.Decompress);
            Assert.Contains(
                $"| {Path.GetFileName(file)} | {bytes.Length} | {Convert.ToHexStringLower(SHA256.HashData(bytes))} "
                + $"| {Convert.ToHexStringLower(SHA256.HashData(content))} |",
                readme,
                StringComparison.Ordinal);
            // No time stamp in the gzip header.
            Assert.Equal(new byte[4], bytes[4..8]);
        }
    }

    [Fact]
    public void Carries_the_licence_of_its_makers()
    {
        string licence = File.ReadAllText(Path.Combine(DataSets.ShippedDirectory, "LICENSE"));
        Assert.Contains("MIT License", licence, StringComparison.Ordinal);
        Assert.Contains("Zalando SE", licence, StringComparison.Ordinal);
    }
}
