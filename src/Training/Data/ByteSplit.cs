using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>The two parts of a data set of images as they lie in its files; same shape and classes.</summary>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
public sealed record ByteSplit(ByteImages Train, ByteImages Test) : IExampleSource
{
    /// <summary>SHA-256 of all pixels and labels, 64 lower-case hex digits: the same however the files are packed.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ByteImages part in (ByteImages[])[Train, Test])
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{part.Count} {part.Shape} {part.Classes}\n"));
            hash.AppendData(part.Pixels.Span);
            hash.AppendData(part.Labels.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public DataSplit Prepare(DataSpecification specification, torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(specification);
        int train = ExampleLimit.Of("train", specification.TrainExamples, Train.Count, specification.Name, "images");
        int test = ExampleLimit.Of("test", specification.TestExamples, Test.Count, specification.Name, "images");
        var statistics = PixelStatistics.Of(Train);
        return new DataSplit(
            ImageDataSet.Normalize(Train, statistics, train, device, shared: true),
            ImageDataSet.Normalize(Test, statistics, test, device, shared: true));
    }
}
