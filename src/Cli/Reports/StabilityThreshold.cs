using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Reports;

/// <summary>
/// The optimizer's own stability threshold as a constant over the learning rate (Cohen et al. 2021 and 2022): on
/// lambda1 of the Hessian, for Adam on that of the preconditioned Hessian.
/// </summary>
/// <param name="Constant">The threshold is this divided by the learning rate.</param>
/// <param name="Formula">How it follows from the momentum, in words of the figure.</param>
/// <param name="Preconditioned">Whether it is about the preconditioned Hessian.</param>
internal sealed record StabilityThreshold(double Constant, string Formula, bool Preconditioned)
{
    /// <summary>Where the measurements say what the threshold was, they are believed; the rest follows the optimizer.</summary>
    public static StabilityThreshold Of(RunReport run)
    {
        StabilityThreshold table = Of(run.Specification.Optimizer);
        double[] measured =
        [
            .. run.Measurements.Rows
                .Where(row => row.Step > 0)
                .Select(row => row.Measurement.Threshold * row.Measurement.LearningRate)
                .Where(constant => double.IsFinite(constant) && constant > 0)
                .Order(),
        ];
        return measured.Length == 0 ? table : table with { Constant = measured[measured.Length / 2] };
    }

    /// <summary>Full batch, late in training.</summary>
    public static StabilityThreshold Of(OptimizerSpecification optimizer)
    {
        double b = optimizer.Momentum;
        return optimizer.Kind switch
        {
            "heavy-ball" => new(2 * (1 + b), "2(1+β)/η", false),
            "nesterov" => new(2 * (1 + b) / (1 + (2 * b)), "2(1+β)/((1+2β)η)", false),
            "adam" or "adamw" => new(2 * (1 + optimizer.Beta1) / (1 - optimizer.Beta1), "2(1+β1)/((1−β1)η)", true),
            _ => new(2, "2/η", false),
        };
    }
}
