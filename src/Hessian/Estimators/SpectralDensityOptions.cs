namespace CurvatureActors.Hessian.Estimators;

/// <summary>How <see cref="SpectralDensity.Estimated"/> works; it costs <see cref="Probes"/> times <see cref="Steps"/> products.</summary>
public sealed record SpectralDensityOptions
{
    /// <summary>Random vectors; at least 1, for an error at least 2.</summary>
    public int Probes { get; init; } = 4;

    /// <summary>Lanczos steps per vector; at least 1.</summary>
    public int Steps { get; init; } = 40;

    /// <summary>Points of the grid; at least 2.</summary>
    public int GridPoints { get; init; } = 400;

    /// <summary>Standard deviation of the smoothing Gaussian as a share of the spectrum's width; above 0.</summary>
    public double RelativeBandwidth { get; init; } = 0.01;

    /// <summary>Seed of the random vectors.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Probes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(GridPoints, 2);
        if (!(RelativeBandwidth > 0) || !double.IsFinite(RelativeBandwidth))
        {
            throw new ArgumentOutOfRangeException(
                nameof(RelativeBandwidth), RelativeBandwidth, "The relative bandwidth must be finite and above 0.");
        }
    }
}
