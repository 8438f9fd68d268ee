using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>A tensor and the name that it has in snapshots.</summary>
/// <param name="Name">Parts joined by dots, from the outside in, e.g. <c>convolutions.0.weight</c>.</param>
/// <param name="Value">The tensor; belongs to whoever made it, not to this record.</param>
/// <param name="Role">How it is initialised, when it is a parameter.</param>
public readonly record struct NamedTensor(string Name, Tensor Value, ParameterRole Role = ParameterRole.Fixed)
{
    /// <summary>The tensors of a part under the name of the part; an empty name adds nothing.</summary>
    internal static IEnumerable<NamedTensor> Qualified(string prefix, IEnumerable<NamedTensor> tensors) =>
        prefix.Length == 0 ? tensors : tensors.Select(tensor => tensor with { Name = $"{prefix}.{tensor.Name}" });
}
