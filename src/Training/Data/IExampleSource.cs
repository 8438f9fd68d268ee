using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>A data set as it lies in its files: what a reader returns, and what the registry of data sets names.</summary>
public interface IExampleSource
{
    /// <summary>SHA-256 of the content, 64 lower-case hex digits: the same however the files are packed.</summary>
    string Sha256();

    /// <summary>Both parts as tensors that are never freed, cut to the limits of the specification.</summary>
    /// <exception cref="ArgumentException">A field of the specification is out of range for this content.</exception>
    DataSplit Prepare(DataSpecification specification, torch.Device device);
}
