namespace CurvatureActors.Training.Data;

/// <summary>A vector: float32 [N, Length].</summary>
/// <param name="Length">Its length.</param>
public sealed record VectorShape(int Length) : ExampleShape
{
    internal override ExampleKind Kind => ExampleKind.Vectors;
}
