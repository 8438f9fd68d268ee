namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>The kinds of measurement beside lambda1, by name.</summary>
public static class MeasurementKinds
{
    /// <summary>
    /// <c>top</c>, <c>trace</c>, <c>density</c>, <c>layers</c>, <c>critical-sharpness</c>, <c>batch-sharpness</c>,
    /// <c>directional</c>.
    /// </summary>
    public static Registry<IMeasurementKind> All { get; } = new(
        "kind of measurement",
        ("top", new TopKind()),
        ("trace", new TraceKind()),
        ("density", new DensityKind()),
        ("layers", new LayersKind()),
        ("critical-sharpness", new CriticalSharpnessKind()),
        ("batch-sharpness", new BatchSharpnessKind()),
        ("directional", new DirectionalKind()));
}
