namespace CurvatureActors.Training.Specification;

/// <summary>Which images a run sees.</summary>
public sealed record DataSpecification
{
    /// <summary>Registered data set: <c>fashion-mnist-small</c> (shipped), <c>idx</c>, <c>cifar-10</c>, <c>cifar-100</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of the files; null for the data set that ships with the program. Not part of the identity.</summary>
    public string? Directory { get; init; }

    /// <summary>Use only the first so many training images; null for all.</summary>
    public int? TrainExamples { get; init; }

    /// <summary>Use only the first so many test images; null for all.</summary>
    public int? TestExamples { get; init; }
}
