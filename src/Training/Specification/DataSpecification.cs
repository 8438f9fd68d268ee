using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>Which examples a run sees.</summary>
public sealed record DataSpecification
{
    /// <summary>
    /// Registered data set: <c>fashion-mnist-small</c> (shipped), <c>idx</c>, <c>cifar-10</c>, <c>cifar-100</c> of images;
    /// <c>paradise-lost</c> (shipped), <c>text</c> of characters; <c>synthetic</c> of noise for analytic models.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Folder of the files; null for the data set that ships with the program. Not part of the identity.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// SHA-256 of the content that <see cref="Directory"/> holds (<see cref="Data.IExampleSource.Sha256"/>), so that runs on
    /// different files are different runs; null for the set that ships with the program. Checked when loaded.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

    /// <summary>
    /// Number of classes of labels (idx), for sets that lack some; null for as many as the labels say, and for other data sets.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    /// <summary>Use only the first so many training examples; null for all.</summary>
    public int? TrainExamples { get; init; }

    /// <summary>Use only the first so many test examples; null for all.</summary>
    public int? TestExamples { get; init; }

    /// <summary>Positions of a window (texts); null for other data sets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SequenceLength { get; init; }

    /// <summary>Length of the noise vectors (synthetic); null for other data sets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Dimension { get; init; }

    /// <summary>Standard deviation of the noise (synthetic); null for other data sets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Noise { get; init; }
}
