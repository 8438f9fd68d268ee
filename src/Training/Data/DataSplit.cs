namespace CurvatureActors.Training.Data;

/// <summary>The two parts of a data set, normalised alike; same shape and classes.</summary>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
public sealed record DataSplit(ImageDataSet Train, ImageDataSet Test);
