namespace CurvatureActors.Training.Specification;

/// <summary>Constants of <see cref="Initialisation.GradInit"/>.</summary>
public sealed record GradInitSpecification
{
    /// <summary>Iterations.</summary>
    public required int Steps { get; init; }

    /// <summary>Rate of the Adam that moves the scales.</summary>
    public required double Rate { get; init; }

    /// <summary>Length eta of the step that is looked ahead, along g/|g| or, for Adam, sign(g).</summary>
    public required double StepSize { get; init; }

    /// <summary>gamma: while the gradient norm is above it, the norm itself is brought down.</summary>
    public required double MaximumGradientNorm { get; init; }

    /// <summary>Training examples per gradient, half of which the step is judged on too.</summary>
    public required int BatchSize { get; init; }

    /// <summary>No scale gets smaller.</summary>
    public required double MinimumScale { get; init; }

    /// <summary>Clip the norm of the gradient in the scales to this.</summary>
    public required double ClipNorm { get; init; }
}
