using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// The largest rate that is stable by what was measured at a rollback snapshot: the optimizer's own edge at lambda1 (of the
/// preconditioned Hessian for Adam and RMSProp), and not above the rate at which its next update raises the loss.
/// </summary>
/// <param name="Largest">The rate.</param>
/// <param name="Sharpness">The eigenvalue that was measured with it; null where there was none.</param>
/// <param name="By">What it rests on.</param>
/// <param name="Basis">The same in words.</param>
public sealed record SafeRate(double Largest, double? Sharpness, RateBasis By, string Basis)
{
    /// <summary>By forward passes alone; null where these set no limit.</summary>
    public static SafeRate? Of(CriticalRateMeasurement? measurement, OptimizerSpecification optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return measurement is { Rate: { } rate and > 0 } ? ByForwardPasses(rate, null, measurement.Step, optimizer) : null;
    }

    /// <summary>By a measurement; null where that sets no limit.</summary>
    public static SafeRate? Of(CurvatureMeasurement? measurement, OptimizerSpecification optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (measurement is null)
        {
            return null;
        }

        OptimizerKind kind = OptimizerRegistry.Optimizers[optimizer.Kind];
        double? lambda1 = kind.IsPreconditioned ? measurement.PreconditionedLambda1 : measurement.Lambda1;
        double edge = lambda1 is { } value and > 0
            ? kind.Stability(optimizer).LargestStableRate(value)
            : double.PositiveInfinity;
        if (measurement.CriticalRate is { } critical && critical > 0 && critical < edge)
        {
            return ByForwardPasses(critical, lambda1, measurement.Step, optimizer);
        }

        return double.IsFinite(edge) && edge > 0
            ? new SafeRate(
                edge,
                lambda1,
                RateBasis.Lambda1,
                $"the largest stable rate {edge:G4} of {optimizer.Kind} at "
                    + (kind.IsPreconditioned ? "preconditioned lambda1 " : "lambda1 ")
                    + $"{lambda1:G4} at step {measurement.Step}"
                    + (measurement.Converged ? "" : $" (not converged, residual {measurement.Residual:G3})"))
            : null;
    }

    private static SafeRate ByForwardPasses(double critical, double? lambda1, int step, OptimizerSpecification optimizer) => new(
        critical,
        lambda1,
        RateBasis.ForwardPasses,
        $"the largest rate {critical:G4} at which the next update of {optimizer.Kind} does not raise the loss at step {step}");
}
