namespace CurvatureActors.Training.Data;

/// <summary>The two parts of a data set, prepared alike; same shape and classes.</summary>
/// <param name="Train">Training examples.</param>
/// <param name="Test">Test examples.</param>
public sealed record DataSplit(ExampleSet Train, ExampleSet Test);
