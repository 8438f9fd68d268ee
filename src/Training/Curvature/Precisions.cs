using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>The precisions that a snapshot can be analysed in, by name.</summary>
public static class Precisions
{
    /// <summary><c>float32</c>, in which runs train, and <c>float64</c>.</summary>
    public static Registry<ScalarType> All { get; } = new(
        "precision",
        ("float32", ScalarType.Float32),
        ("float64", ScalarType.Float64));
}
