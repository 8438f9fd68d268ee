using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Curvature;

/// <summary>lambda1 of one snapshot, with what is needed to judge the number.</summary>
public sealed record CurvatureMeasurement
{
    /// <summary>Step of the snapshot.</summary>
    public required int Step { get; init; }

    /// <summary>Largest algebraic eigenvalue of the Hessian of the mean loss over the fixed examples, without the L2 term.</summary>
    public required double Lambda1 { get; init; }

    /// <summary>|H v - lambda1 v| of the unit vector v; a bound on the distance to the nearest eigenvalue.</summary>
    public required double Residual { get; init; }

    /// <summary>
    /// Whether the residual, or in a warm measurement the error of the value that follows from residual and gap, reached
    /// the tolerance.
    /// </summary>
    public required bool Converged { get; init; }

    /// <summary>Hessian-vector products used.</summary>
    public required int Products { get; init; }

    /// <summary>
    /// For optimizers with a diagonal preconditioner P: lambda1 of P^(-1/2) H P^(-1/2), which their threshold is
    /// about; null for the others, and for Adam and RMSProp before their first update unless
    /// <see cref="CurvatureProbe.MeasureForRemedy"/> measured it.
    /// </summary>
    public double? PreconditionedLambda1 { get; init; }

    /// <summary>
    /// The largest rate at which the optimizer's next update does not raise the loss over the examples, from forward passes
    /// (<see cref="Schedules.CriticalRate"/>); at most the peak rate of the snapshot's plan. Null where it was not asked
    /// for, where the update climbs at any rate, or where none up to the peak raises the loss.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CriticalRate { get; init; }

    /// <summary>Examples that the loss was averaged over.</summary>
    public required int Examples { get; init; }

    /// <summary>Learning rate at the snapshot's step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// The optimizer's own stability threshold at that rate, on <see cref="PreconditionedLambda1"/> where there is
    /// one and on <see cref="Lambda1"/> otherwise.
    /// </summary>
    public required double Threshold { get; init; }

    /// <summary>The eigenvalue that the threshold is about, divided by it; 1 is the edge of stability. Null where that is not known.</summary>
    public double? StabilityRatio { get; init; }

    /// <summary>Wall-clock seconds of the measurement.</summary>
    public required double Seconds { get; init; }
}
