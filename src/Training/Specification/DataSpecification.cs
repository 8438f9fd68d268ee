using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>Which images a run sees.</summary>
public sealed record DataSpecification
{
    /// <summary>Registered data set: <c>fashion-mnist-small</c> (shipped), <c>idx</c>, <c>cifar-10</c>, <c>cifar-100</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of the files; null for the data set that ships with the program. Not part of the identity.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// SHA-256 of the images that <see cref="Directory"/> holds (<see cref="Data.ByteSplit.Sha256"/>), so that runs on
    /// different files are different runs; null for the set that ships with the program. Checked when loaded.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

    /// <summary>Use only the first so many training images; null for all.</summary>
    public int? TrainExamples { get; init; }

    /// <summary>Use only the first so many test images; null for all.</summary>
    public int? TestExamples { get; init; }
}
