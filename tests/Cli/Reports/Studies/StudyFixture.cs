using System.Globalization;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Cli.Reports.Studies;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Made-up runs with known ends and known curvature, for studies whose outcome is then known too.</summary>
internal sealed class StudyFixture(string study) : IDisposable
{
    private readonly StateFixture _state = new();
    private readonly List<PlannedRun> _runs = [];
    private readonly List<Action> _journals = [];

    /// <summary>The loss of a batch by run and step; unless set, it falls from 2.3.</summary>
    public Func<PlannedRun, int, double> Loss { get; set; } = (_, step) => 2.3 * Math.Exp(-step / 100.0);

    public void Dispose() => _state.Dispose();

    /// <summary>A run that trained to its end.</summary>
    /// <param name="specification">What was asked for.</param>
    /// <param name="lambda1">Curvature at a step; null where none was measured.</param>
    /// <param name="accuracy">On the test set at the end.</param>
    /// <param name="rescuedAt">Steps of verdicts, each answered by a warmup from the start.</param>
    public PlannedRun Completed(
        RunSpecification specification, Func<int, double?> lambda1, double accuracy = 0.8, params int[] rescuedAt)
    {
        PlannedRun run = Plan(specification);
        int steps = specification.Training.Steps;
        _journals.Add(() =>
        {
            for (int i = 0; i < rescuedAt.Length; i++)
            {
                Attempt(run, i + 1, rescuedAt[i], lambda1, lost: true);
                Diverge(run, i + 1, rescuedAt[i]);
                _state.Record(run.Run, new RemedyChosen(
                    i + 1, 0,
                    new RemedyDecision("warmup", TrainingPlan.Initial(specification), "Warmup.", null), StateFixture.Start));
            }

            Attempt(run, rescuedAt.Length + 1, steps, lambda1, lost: false);
            var evaluation = new Evaluation(steps, 1 - accuracy, accuracy);
            _state.Add(new EvaluationRow(run.Run, rescuedAt.Length + 1, evaluation));
            _state.Record(run.Run, new RunCompleted(steps, evaluation, new string('a', 64), StateFixture.Start.AddMinutes(2)));
        });
        return run;
    }

    /// <summary>A run that ended diverged at a step.</summary>
    public PlannedRun Diverged(RunSpecification specification, Func<int, double?> lambda1, int at = 3, string rule = "non-finite")
    {
        PlannedRun run = Plan(specification);
        _journals.Add(() =>
        {
            Attempt(run, 1, at, lambda1, lost: rule == "non-finite");
            Diverge(run, 1, at, rule);
            _state.Record(run.Run, new RunDiverged(at, $"The loss at step {at} is NaN.", StateFixture.Start));
        });
        return run;
    }

    /// <summary>A run that has not come to its end.</summary>
    public PlannedRun Unfinished(RunSpecification specification, Func<int, double?> lambda1, int at)
    {
        PlannedRun run = Plan(specification);
        _journals.Add(() => Attempt(run, 1, at, lambda1, lost: false));
        return run;
    }

    /// <summary>A row of a run's telemetry beside those that come of themselves.</summary>
    public void Add(ITelemetryRow row) => _state.Add(row);

    /// <summary>The verdict, having drawn every figure and written the whole report as well.</summary>
    public Verdict Judge()
    {
        _state.Accept(study, study, [.. _runs]);
        _journals.ForEach(write => write());
        using StateReader reader = _state.Open();
        ReportResult result = ReportWriter.Write(reader, null, _state.Output);
        string page = File.ReadAllText(result.Page);
        Pages.Parse(page);
        Assert.All(StudyRegistry.Find(study).Figures(ReportData.Gather(reader, null)), figure =>
        {
            Assert.Contains(result.Figures, path => Path.GetFileNameWithoutExtension(path) == figure.Name);
            figure.Plot.Dispose();
        });
        Assert.Contains(result.Tables, path => Path.GetFileName(path) == "study.csv");
        return result.Verdict!;
    }

    private PlannedRun Plan(RunSpecification specification)
    {
        PlannedRun run = StateFixture.Run($"run {_runs.Count}", specification, [.. Parameters(specification)]);
        _runs.Add(run);
        return run;
    }

    /// <summary>As if the sweep had varied all of them.</summary>
    private static IEnumerable<(string Key, string Value)> Parameters(RunSpecification asked) =>
    [
        ("model.kind", asked.Model.Kind),
        ("model.normalization", asked.Model.Normalization),
        ("model.init-scale", asked.Model.InitScale.ToString(CultureInfo.InvariantCulture)),
        ("optimizer.kind", asked.Optimizer.Kind),
        ("optimizer.learning-rate", asked.Optimizer.LearningRate.ToString(CultureInfo.InvariantCulture)),
        ("schedule.warmup-steps", asked.Schedule.WarmupSteps.ToString(CultureInfo.InvariantCulture)),
        ("training.batch-size", asked.Training.BatchSize.ToString(CultureInfo.InvariantCulture)),
        ("training.clip-norm", asked.Training.ClipNorm?.ToString(CultureInfo.InvariantCulture) ?? "off"),
        ("recovery.enabled", asked.Recovery.Enabled ? "on" : "off"),
        ("seed", asked.Seed.ToString(CultureInfo.InvariantCulture)),
    ];

    private void Attempt(PlannedRun run, int attempt, int until, Func<int, double?> lambda1, bool lost)
    {
        RunSpecification specification = run.Specification;
        _state.Record(
            run.Run, new RunClaimed(attempt, "node", "cpu", StateFixture.Start),
            new AttemptStarted(attempt, 0, TrainingPlan.Initial(specification), StateFixture.Start));
        OptimizerStability stability = OptimizerRegistry.Optimizers[specification.Optimizer.Kind].Stability(specification.Optimizer);
        bool preconditioned = OptimizerRegistry.Optimizers[specification.Optimizer.Kind].IsPreconditioned;
        int warmup = specification.Schedule.WarmupSteps;
        for (int step = 0; step <= until; step++)
        {
            double rate = specification.Optimizer.LearningRate * (step < warmup ? (step + 1.0) / warmup : 1);
            if (step < until || lost)
            {
                double loss = lost && step == until ? double.NaN : Loss(run, step);
                _state.Add(new StepRow(run.Run, attempt, new StepMetrics(step, loss, 0.5, loss, rate, false)));
            }

            if (lambda1(step) is { } lambda)
            {
                _state.Add(new MeasurementRow(run.Run, attempt, 0, new CurvatureMeasurement
                {
                    Step = step,
                    Lambda1 = lambda,
                    Residual = 1e-4 * lambda,
                    Converged = true,
                    Products = 6,
                    PreconditionedLambda1 = preconditioned ? lambda : null,
                    Examples = 512,
                    LearningRate = rate,
                    Threshold = stability.ThresholdAt(rate),
                    StabilityRatio = lambda / stability.ThresholdAt(rate),
                    Seconds = 0.1,
                }));
            }
        }
    }

    private void Diverge(PlannedRun run, int attempt, int at, string rule = "non-finite") => _state.Record(run.Run, new DivergenceDetected(
        attempt, new DivergenceVerdict(at, rule, $"The loss at step {at} is NaN.", null), StateFixture.Start));
}
