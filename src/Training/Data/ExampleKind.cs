namespace CurvatureActors.Training.Data;

/// <summary>What the examples of a data set are, and what a model takes.</summary>
public enum ExampleKind
{
    /// <summary>Float images [N, C, H, W] with a label each.</summary>
    Images,

    /// <summary>Windows of text [N, T] with a target at each position.</summary>
    Texts,

    /// <summary>Vectors [N, D] without targets.</summary>
    Vectors,
}
