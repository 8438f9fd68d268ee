namespace CurvatureActors.Training.Data;

/// <summary>A window of text: int64 [N, Length], one symbol of the vocabulary a position.</summary>
/// <param name="Length">Positions of a window.</param>
public sealed record SequenceShape(int Length) : ExampleShape
{
    internal override ExampleKind Kind => ExampleKind.Texts;
}
