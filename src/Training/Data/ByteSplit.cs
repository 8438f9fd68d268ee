namespace CurvatureActors.Training.Data;

/// <summary>The two parts of a data set as they lie in its files; same shape and classes.</summary>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
public sealed record ByteSplit(ByteImages Train, ByteImages Test);
