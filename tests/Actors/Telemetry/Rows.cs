using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Actors.Tests.Telemetry;

internal static class Rows
{
    public static StepRow Step(int step, double loss = 1, int attempt = 1, string run = "run") =>
        new(run, attempt, new StepMetrics(step, loss, 0.5, 2, 0.1, Clipped: step % 2 == 1));

    public static CurvatureValueRow Value(
        int step, string name = "estimate", double value = 5, double? error = 0.5, string kind = "trace", int attempt = 1) =>
        new("run", attempt, step, kind, name, value, error);

    public static DensityRow Density(int step, double first = 0.25) =>
        new("run", 1, step, [-1, 0.5, 2], [first, 0.5, 0.125], [double.NaN, 0.1, 1e-300]);

    public static MeasurementRow Measurement(int step, double lambda1 = 3, double? ratio = 0.4) =>
        new("run", 1, Lag: 5, new CurvatureMeasurement
        {
            Step = step,
            Lambda1 = lambda1,
            Residual = 0.01,
            Converged = true,
            Products = 7,
            PreconditionedLambda1 = ratio is null ? null : 11,
            Examples = 256,
            LearningRate = 0.05,
            Threshold = 40,
            StabilityRatio = ratio,
            Seconds = 0.25,
        });
}
