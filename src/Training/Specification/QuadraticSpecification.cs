namespace CurvatureActors.Training.Specification;

/// <summary>The spectrum of a <see cref="Models.Quadratic"/>.</summary>
public sealed record QuadraticSpecification
{
    /// <summary>The eigenvalues; empty when the law below gives them.</summary>
    public required EquatableList<double> Spectrum { get; init; }

    /// <summary>The largest eigenvalue of the law.</summary>
    public required double Lambda1 { get; init; }

    /// <summary>The law: the i-th eigenvalue, from 1, is lambda1 * i^-exponent.</summary>
    public required double Exponent { get; init; }

    /// <summary>The eigenvalues in so many dimensions.</summary>
    /// <exception cref="ArgumentException">A list of another length is prescribed.</exception>
    public IReadOnlyList<double> Eigenvalues(int dimension) => Spectrum.Count == 0
        ? [.. Enumerable.Range(1, dimension).Select(i => Lambda1 * Math.Pow(i, -Exponent))]
        : Spectrum.Count == dimension
            ? Spectrum
            : throw new ArgumentException(
                $"curvature.model.quadratic.spectrum has {Spectrum.Count} eigenvalues; curvature.data.dimension is {dimension}.");
}
