using System.Text.Json.Serialization;
using CurvatureActors.Training;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>A row keyed (run, attempt, step); writing the same key again replaces it.</summary>
[JsonDerivedType(typeof(StepRow), "step")]
[JsonDerivedType(typeof(EvaluationRow), "evaluation")]
[JsonDerivedType(typeof(MeasurementRow), "measurement")]
[JsonDerivedType(typeof(CurvatureValueRow), "curvature-value")]
[JsonDerivedType(typeof(DensityRow), "density")]
public interface ITelemetryRow
{
    /// <summary>Identity of the run.</summary>
    string Run { get; }

    /// <summary>Attempt that trained the step.</summary>
    int Attempt { get; }

    /// <summary>Updates made before.</summary>
    int Step { get; }
}

/// <summary>What one step showed.</summary>
public sealed record StepRow(string Run, int Attempt, StepMetrics Metrics) : ITelemetryRow
{
    /// <inheritdoc/>
    public int Step => Metrics.Step;
}

/// <summary>Loss and accuracy on the test set.</summary>
public sealed record EvaluationRow(string Run, int Attempt, Evaluation Evaluation) : ITelemetryRow
{
    /// <inheritdoc/>
    public int Step => Evaluation.Step;
}

/// <summary>One measurement of lambda1.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Attempt">Attempt whose snapshot was measured.</param>
/// <param name="Lag">Steps that training had gone on when the value came.</param>
/// <param name="Measurement">The numbers.</param>
public sealed record MeasurementRow(string Run, int Attempt, int Lag, CurvatureMeasurement Measurement) : ITelemetryRow
{
    /// <inheritdoc/>
    public int Step => Measurement.Step;
}

/// <summary>One number of a kind of measurement beside lambda1.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Attempt">Attempt whose snapshot was measured.</param>
/// <param name="Step">Step of the snapshot.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Name">What of it, such as <c>estimate</c> or <c>classifier.weight/lambda1</c>; part of the key.</param>
/// <param name="Value">The number; NaN when there is none.</param>
/// <param name="Error">Residual or standard error; null when there is none.</param>
public sealed record CurvatureValueRow(
    string Run, int Attempt, int Step, string Kind, string Name, double Value, double? Error) : ITelemetryRow;

/// <summary>The density of eigenvalues at one step.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Attempt">Attempt whose snapshot was measured.</param>
/// <param name="Step">Step of the snapshot.</param>
/// <param name="Grid">Eigenvalues, ascending.</param>
/// <param name="Density">Density at each.</param>
/// <param name="StandardError">Standard error of each.</param>
public sealed record DensityRow(
    string Run, int Attempt, int Step, EquatableList<double> Grid, EquatableList<double> Density, EquatableList<double> StandardError)
    : ITelemetryRow;
