using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Reports;

/// <summary>Everything the report says about one run.</summary>
internal sealed record RunReport
{
    /// <summary>Its journal.</summary>
    public required RunView View { get; init; }

    /// <summary>Its steps.</summary>
    public required EffectiveCurve<StepRow> Steps { get; init; }

    /// <summary>Its evaluations on the test set.</summary>
    public required EffectiveCurve<EvaluationRow> Evaluations { get; init; }

    /// <summary>Its measurements of lambda1.</summary>
    public required EffectiveCurve<MeasurementRow> Measurements { get; init; }

    /// <summary>Values of the kinds of measurement beside it.</summary>
    public required EffectiveCurve<CurvatureValueRow> Values { get; init; }

    /// <summary>Its densities of eigenvalues.</summary>
    public required EffectiveCurve<DensityRow> Densities { get; init; }

    /// <summary>Identity.</summary>
    public string Run => View.Run;

    /// <summary>Readable name.</summary>
    public string Name => View.Name;

    /// <summary>What was asked for.</summary>
    public RunSpecification Specification => View.Specification;

    /// <summary>The fold of its journal.</summary>
    public RunState State => View.State;

    /// <summary>Where its optimizer's edge of stability lies.</summary>
    public OptimizerStability Stability =>
        OptimizerRegistry.Optimizers[Specification.Optimizer.Kind].Stability(Specification.Optimizer);

    /// <summary>Whether that edge is about the preconditioned Hessian.</summary>
    public bool IsPreconditioned => OptimizerRegistry.Optimizers[Specification.Optimizer.Kind].IsPreconditioned;

    /// <summary>What became of it.</summary>
    public Fate Fate => Fates.Of(View.Status, State.Restarts);

    /// <summary>Whether any rule ever found it diverging.</summary>
    public bool EverDiverged => State.Attempts.Any(attempt => attempt.Verdict is not null);

    /// <summary>Peak learning rate as asked for.</summary>
    public double AskedLearningRate => Specification.Optimizer.LearningRate;

    /// <summary>Learning rate of the newest step of the present history; null before the first.</summary>
    public double? LastLearningRate => Steps.Rows.Count == 0 ? null : Steps.Rows[^1].Metrics.LearningRate;

    /// <summary>Batch loss of the newest step of the present history; null before the first.</summary>
    public double? LastLoss => Steps.Rows.Count == 0 ? null : Steps.Rows[^1].Metrics.Loss;

    /// <summary>At the end, or else the newest of the present history; null before the first.</summary>
    public Evaluation? Evaluation => State.Completion?.Evaluation
        ?? (Evaluations.Rows.Count == 0 ? null : Evaluations.Rows[^1].Evaluation);

    /// <summary>One value of a kind of measurement in the present history, in order of step; empty when it was not measured.</summary>
    public IReadOnlyList<CurvatureValueRow> ValuesOf(string kind, string name) =>
        [.. Values.Rows.Where(row => row.Kind == kind && row.Name == name)];

    /// <summary>Newest of the present history; null before the first.</summary>
    public MeasurementRow? LastMeasurement => Measurements.Rows.Count == 0 ? null : Measurements.Rows[^1];

    /// <summary>At initialisation; null when it was not measured there.</summary>
    /// <remarks>The parameters of step 0 are the same in every attempt, so an abandoned value serves as well.</remarks>
    public MeasurementRow? InitialMeasurement => Measurements.Rows
        .Concat(Measurements.Abandoned.SelectMany(tail => tail.Rows))
        .FirstOrDefault(row => row.Step == 0 && double.IsFinite(row.Measurement.Lambda1));

    /// <summary>The one nearest to half of the steps, between a quarter and three quarters; null when there is none.</summary>
    public MeasurementRow? MiddleMeasurement
    {
        get
        {
            double steps = Specification.Training.Steps;
            return Measurements.Rows
                .Where(row => row.Step >= steps / 4 && row.Step <= steps * 3 / 4 && double.IsFinite(row.Measurement.Lambda1))
                .MinBy(row => Math.Abs(row.Step - (steps / 2)));
        }
    }
}
