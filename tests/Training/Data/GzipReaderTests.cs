using System.IO.Compression;
using System.Text;
using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class GzipReaderTests : IDisposable
{
    private const string Name = "train-labels-idx1-ubyte.gz";
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 6, 1, 0, 1, 0, 0, 1];

    private readonly TemporaryFolder _folder = new();

    public GzipReaderTests()
    {
        foreach (string part in (string[])["train", "t10k"])
        {
            _folder.Write($"{part}-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6]);
        }

        _folder.Write("t10k-labels-idx1-ubyte", Labels);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public void Given_zeros_after_the_end_then_the_file_is_read(int zeros)
    {
        _folder.Write(Name, [.. Gzip(Labels), .. new byte[zeros]]);
        Assert.Equal(Labels[8..], Read());
    }

    [Fact]
    public void Given_several_members_cut_anywhere_then_the_file_is_read()
    {
        for (int cut = 0; cut <= Labels.Length; cut++)
        {
            _folder.Write(Name, [.. Gzip(Labels[..cut]), .. Gzip([]), .. Gzip(Labels[cut..]), .. new byte[cut]]);
            Assert.Equal(Labels[8..], Read());
        }
    }

    [Fact]
    public void Given_large_members_that_do_not_compress_then_all_of_each_is_read()
    {
        byte[] pixels = new byte[600_000];
        new Random(3).NextBytes(pixels);
        byte[] content = [0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 100, 0, 0, 0x03, 0xe8, .. pixels];
        _folder.Write("train-images-idx3-ubyte", [.. Gzip(content[..70_000]), .. Gzip(content[70_000..70_001]), .. Gzip(content[70_001..]), .. new byte[512]]);
        _folder.Write("t10k-images-idx3-ubyte", Gzip(content));
        _folder.Write(Name, Labels);

        Assert.Equal(pixels, IdxReader.Read(_folder.Path).Train.Pixels.ToArray());
    }

    [Fact]
    public void Given_a_header_with_name_comment_extra_field_and_checksum_then_the_file_is_read()
    {
        byte[] plain = Gzip(Labels);
        byte[] header = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0, 9, 9, 9, .. "labels\0why\0"u8, 7, 7];
        _folder.Write(Name, [.. header, .. plain[10..]]);
        Assert.Equal(Labels[8..], Read());
    }

    [Fact]
    public void Given_a_changed_checksum_then_it_is_called_that()
    {
        byte[] packed = Gzip(Labels);
        packed[^8] ^= 1;
        _folder.Write(Name, packed);
        Assert.Contains("checksum (CRC-32)", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(12)]
    public void Given_a_file_that_ends_too_early_then_it_is_called_that(int missing)
    {
        _folder.Write(Name, [.. Gzip(Labels[..3]), .. Gzip(Labels[3..])[..^missing]]);
        Assert.Contains("ends too early", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_something_else_after_the_end_then_it_is_refused()
    {
        _folder.Write(Name, [.. Gzip(Labels), 0, 0, .. "\r\n"u8]);
        Assert.Contains("something else after", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><title>Not found</title></html>", "web page")]
    [InlineData("\n  <HTML><body>429 Too many requests</body></HTML>", "web page")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML document")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS")]
    [InlineData("PK\u0003\u0004rest", "zip archive")]
    public void Given_something_else_under_the_name_plain_or_packed_then_it_is_called_by_its_name(string content, string what)
    {
        _folder.Write(Name, Encoding.UTF8.GetBytes(content));
        Assert.Contains(what, Refused(), StringComparison.Ordinal);
        _folder.Write(Name, Gzip(Encoding.UTF8.GetBytes(content)));
        Assert.Contains(what, Refused(), StringComparison.Ordinal);
    }

    private byte[] Read() => IdxReader.Read(_folder.Path).Train.Labels.ToArray();

    private string Refused()
    {
        string message = Assert.Throws<DataSetException>(() => IdxReader.Read(_folder.Path)).Message;
        Assert.StartsWith(_folder[Name], message, StringComparison.Ordinal);
        return message;
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
