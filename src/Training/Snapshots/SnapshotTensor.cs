using TorchSharp;

namespace CurvatureActors.Training.Snapshots;

/// <summary>Where a tensor lies in a snapshot.</summary>
/// <param name="Name"><c>parameter.</c>, <c>buffer.</c>, <c>optimizer.</c>, <c>generator.</c> or <c>initialisation.</c> and the tensor's own name.</param>
/// <param name="ScalarType">float32, float64, int64 or byte.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">First byte, counted from the start of the data section.</param>
/// <param name="Length">Number of bytes.</param>
public sealed record SnapshotTensor(
    string Name, torch.ScalarType ScalarType, EquatableList<long> Shape, long Offset, long Length);
