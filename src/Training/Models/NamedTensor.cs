using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>A tensor and the name that it has in snapshots.</summary>
/// <param name="Name">Parts joined by dots, from the outside in, e.g. <c>convolutions.0.weight</c>.</param>
/// <param name="Value">The tensor; belongs to whoever made it, not to this record.</param>
public readonly record struct NamedTensor(string Name, Tensor Value);
