using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Data;

/// <summary>How many classes a set in MNIST's format has.</summary>
public sealed class ClassesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 1, null, 2)]
    [InlineData(0, 9, null, 10)]
    [InlineData(1, 26, null, 26)]
    [InlineData(0, 61, null, 62)]
    [InlineData(3, 7, null, 5)]
    [InlineData(0, 255, null, 256)]
    [InlineData(0, 1, 10, 10)]
    [InlineData(0, 8, 10, 10)]
    [InlineData(1, 26, 26, 26)]
    [InlineData(1, 26, 27, 27)]
    [InlineData(1, 2, 3, 3)]
    public void Given_labels_when_read_then_the_classes_are_theirs_or_those_of_the_key(int first, int last, int? key, int classes)
    {
        byte[] labels = [.. Enumerable.Range(first, last - first + 1).Select(label => (byte)label)];
        Write(labels, [(byte)last, (byte)first]);

        DataSplit data = DataSets.Load(Specification(key));

        Assert.Equal(classes, data.Train.Classes);
        Assert.Equal(classes, data.Test.Classes);
        Assert.Equal(classes, data.Train.LabelCounts.Count);
        Assert.Equal(labels.Length, data.Train.LabelCounts.Sum());
        // Only a number with room for label 0 leaves the labels as they are.
        int shift = key is { } number && number > last ? 0 : first;
        Assert.Equal(last - shift, data.Test.Batch([0, 1]).Targets[0].item<long>());
        Assert.Equal(first - shift, data.Test.Batch([0, 1]).Targets[1].item<long>());
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 2 }, new byte[] { 3 }, null, "labels from 0 to 2 as in the training part", "label 3 at image 0")]
    [InlineData(new byte[] { 1, 2, 3 }, new byte[] { 1, 0 }, null, "labels from 1 to 3 as in the training part", "label 0 at image 1")]
    [InlineData(new byte[] { 0, 4, 2 }, new byte[] { 0 }, 4, "labels from 0 to 3 (curvature.data.classes is 4)", "label 4 at image 1")]
    [InlineData(new byte[] { 1, 5, 2 }, new byte[] { 1 }, 4, "labels from 0 to 3", "label 5 at image 1")]
    [InlineData(new byte[] { 4, 4, 4 }, new byte[] { 4 }, null, "at least two different labels", "only the label 4 at all 3 images")]
    [InlineData(new byte[] { 0 }, new byte[] { 1 }, 2, "at least two different labels", "only the label 0")]
    public void Given_labels_that_are_no_classes_when_read_then_refused_by_name(
        byte[] train, byte[] test, int? key, string expected, string found)
    {
        Write(train, test);

        string message = Assert.Throws<DataSetException>(() => DataSets.Load(Specification(key))).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 1 }, new byte[] { 1 })]
    [InlineData(new byte[] { 1, 9, 4 }, new byte[] { 2 })]
    [InlineData(new byte[] { 0, 1, 2 }, new byte[] { 9 })]
    public void Given_a_run_planned_when_every_set_had_ten_classes_then_it_goes_on_with_ten(byte[] train, byte[] test)
    {
        Write(train, test);
        DataSpecification old = Specification(null) with { Sha256 = Sha256(10, train, test) };

        DataSplit data = DataSets.Load(old);

        Assert.Equal(10, data.Train.Classes);
        Assert.Equal(train[0], data.Train.Batch([0]).Targets.item<long>());
    }

    [Fact]
    public void Given_a_key_that_says_what_the_labels_say_then_the_content_is_the_same()
    {
        Write([0, 1, 2], [2]);
        Assert.Equal(DataSets.Fingerprint(Specification(null)), DataSets.Fingerprint(Specification(3)));
        Assert.Equal(Sha256(3, [0, 1, 2], [2]), DataSets.Fingerprint(Specification(null)));
        Assert.Equal(Sha256(10, [0, 1, 2], [2]), DataSets.Fingerprint(Specification(10)));
    }

    private DataSpecification Specification(int? classes) =>
        new() { Name = "idx", Directory = _folder.Path, Classes = classes };

    private void Write(byte[] train, byte[] test)
    {
        foreach ((string part, byte[] labels) in (ReadOnlySpan<(string, byte[])>)[("train", train), ("t10k", test)])
        {
            byte[] count = [(byte)(labels.Length / 256), (byte)labels.Length];
            _folder.Write($"{part}-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, .. count, 0, 0, 0, 1, 0, 0, 0, 1, .. labels]);
            _folder.Write($"{part}-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, .. count, .. labels]);
        }
    }

    // The digest that runs hold since there is one, from its description: pixels are the labels here.
    private static string Sha256(int classes, byte[] train, byte[] test) => Convert.ToHexStringLower(SHA256.HashData(
    [
        .. Encoding.ASCII.GetBytes($"{train.Length} {new ImageShape(1, 1, 1)} {classes}\n"), .. train, .. train,
        .. Encoding.ASCII.GetBytes($"{test.Length} {new ImageShape(1, 1, 1)} {classes}\n"), .. test, .. test,
    ]));
}
