using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>The rows of one kind of measurement.</summary>
public static class KindRows
{
    /// <summary>Name of the Hessian-vector products that a measurement took.</summary>
    public const string Products = "products";

    /// <summary>Name of the wall-clock seconds that a measurement took.</summary>
    public const string Seconds = "seconds";

    /// <summary>Whether a name is that of a cost and not of something measured.</summary>
    public static bool IsCost(string name) => name is Products or Seconds;

    /// <summary>Its values, its cost under <see cref="Products"/> and <see cref="Seconds"/>, and its density; none when it failed.</summary>
    public static IEnumerable<ITelemetryRow> Of(string run, int attempt, KindMeasurement measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        if (measured.Failure is not null)
        {
            yield break;
        }

        foreach (MeasuredValue value in measured.Values)
        {
            yield return Value(value.Name, value.Value, value.Error);
        }

        yield return Value(Products, measured.Products);
        yield return Value(Seconds, measured.Seconds);
        if (measured.Density is { } density)
        {
            yield return new DensityRow(
                run, attempt, measured.Step, [.. density.Grid], [.. density.Density], [.. density.StandardError]);
        }

        CurvatureValueRow Value(string name, double value, double? error = null) =>
            new(run, attempt, measured.Step, measured.Kind, name, value, error);
    }
}
