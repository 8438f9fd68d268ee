using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>A registered model.</summary>
/// <param name="Takes">The examples that it takes; null when only the built network can say.</param>
/// <param name="Build">The network of a specification with zero weights.</param>
public sealed record ModelKind(ExampleKind? Takes, Func<ModelSpecification, NetworkOptions, Network> Build)
{
    /// <summary>The loss that goes with the model; null when any that compares outputs with targets does.</summary>
    public string? Loss { get; init; }

    /// <summary>
    /// Throws an <see cref="ArgumentException"/> that names key and value when the specification describes no network for
    /// examples of this shape, null when it is not known yet.
    /// </summary>
    public Action<ModelSpecification, ExampleShape?> Check { get; init; } = (_, _) => { };

    /// <summary>
    /// The fewest positions over which its layers normalise one example of this shape: 1 after a fully connected layer, height
    /// times width of the smallest maps. Null where only the built network can say, or nothing is normalised so.
    /// </summary>
    public Func<ModelSpecification, ImageShape, long?> FewestPositions { get; init; } = (_, _) => null;
}
