namespace CurvatureActors.Training.Data;

/// <summary>
/// Shape of the input of one example; which kind it is says what a model has to take: <see cref="ImageShape"/>,
/// <see cref="SequenceShape"/>, <see cref="VectorShape"/>.
/// </summary>
public abstract record ExampleShape
{
    /// <summary>What the examples are. Not public: digests of data hold the public properties of a shape.</summary>
    internal abstract ExampleKind Kind { get; }

    /// <summary>The kind in words, for error messages: "images".</summary>
    internal string What => Kind.ToString().ToLowerInvariant();
}
