using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests.Reports;

/// <summary>
/// A made-up sweep that looks like a real one: four learning rates with and without warmup, heavy ball, lambda1 from
/// 30 down to 5; one run is rescued by warmup, one needs two restarts, one ends diverged.
/// </summary>
internal static class SampleSweep
{
    public const string Name = "warmup-and-curvature";

    private const int Steps = 300;
    private static readonly double[] Rates = [0.03, 0.1, 0.3, 1.0];

    public static void Write(StateFixture state, string experiment = Name, int seeds = 1)
    {
        PlannedRun[] runs =
        [
            .. from seed in Enumerable.Range(1, seeds)
               from rate in Rates
               from warmup in new[] { 0, 100 }
               select StateFixture.Run(
                   string.Create(CultureInfo.InvariantCulture, $"learning-rate={rate} warmup-steps={warmup}")
                       + (seeds > 1 ? $" seed={seed}" : ""),
                   StateFixture.Specification(rate, warmup, Steps, seed: seed),
                   ("optimizer.learning-rate", rate.ToString(CultureInfo.InvariantCulture)),
                   ("schedule.warmup-steps", warmup.ToString(CultureInfo.InvariantCulture)),
                   ("seed", seed.ToString(CultureInfo.InvariantCulture))),
        ];
        state.Accept(experiment, runs);
        foreach (PlannedRun run in runs)
        {
            new Writer(state, run).Write();
        }
    }

    private sealed class Writer(StateFixture state, PlannedRun run)
    {
        private readonly Random _random = new(HashCode(run.Run));
        private readonly double _rate = run.Specification.Optimizer.LearningRate;
        private double _loss = 2.31;
        private double _lambda = 30;
        private int _attempt;

        public void Write()
        {
            bool warm = run.Specification.Schedule.WarmupSteps > 0;
            TrainingPlan plan = TrainingPlan.Initial(run.Specification);
            state.Record(run.Run, new RunClaimed(1, "node", "cpu", StateFixture.Start));
            switch (_rate, warm)
            {
                case (0.3, false):
                    plan = Diverge(plan, 0, 6, plan with { WarmupSteps = 100 }, "warmup", null);
                    Complete(plan, 0);
                    break;
                case (1.0, true):
                    plan = Diverge(plan, 0, 61, plan with { ClipNorm = 1.84 }, "clip", null, rollback: 25);
                    plan = Diverge(plan, 25, 118, plan with { PeakLearningRate = 0.21 }, "lower-rate", 9.05, rollback: 75);
                    Complete(plan, 75);
                    break;
                case (1.0, false):
                    plan = Diverge(plan, 0, 3, plan with { WarmupSteps = 100 }, "warmup", null);
                    plan = Diverge(plan, 0, 57, plan with { ClipNorm = 2.2 }, "clip", null);
                    plan = Diverge(plan, 0, 88, plan with { PeakLearningRate = 0.5 }, "lower-rate", 29.7);
                    Diverge(plan, 0, 131, null, null, null);
                    state.Record(run.Run, new RunDiverged(
                        131, "Diverged at step 131 by rule non-finite, and the budget of 3 restarts is used up.", StateFixture.Start));
                    break;
                default:
                    Complete(plan, 0);
                    break;
            }
        }

        private TrainingPlan Diverge(
            TrainingPlan plan, int from, int at, TrainingPlan? next, string? remedy, double? lambda, int rollback = 0)
        {
            Begin(plan, from);
            double savedLoss = _loss;
            double savedLambda = _lambda;
            for (int step = from; step <= at; step++)
            {
                if (step == rollback)
                {
                    (savedLoss, savedLambda) = (_loss, _lambda);
                }

                int left = at - step;
                if (left < 5)
                {
                    _loss = left == 0 ? double.NaN : _loss * 2.6;
                    _lambda *= 1.5;
                }

                Step(plan, step, measure: left > 0);
            }

            (_loss, _lambda) = (savedLoss, savedLambda);
            var verdict = new DivergenceVerdict(
                at, "non-finite", $"The loss is NaN; {Math.Min(at, 4)} steps before it was {savedLoss:0.00} and rose to {savedLoss * 45:0.0}.", 1.84);
            state.Record(run.Run, new DivergenceDetected(_attempt, verdict, StateFixture.Start.AddSeconds(_attempt)));
            if (next is null)
            {
                return plan;
            }

            string reason = remedy switch
            {
                "warmup" => "The rate is right once the curvature has come down: 100 steps of linear warmup to the same peak.",
                "clip" => "Warmup was not enough; the gradient is clipped at the 90th percentile of its healthy norms.",
                _ => $"Half of the stability threshold 3.8/λ1 at λ1 = {lambda} gives a peak of {next.PeakLearningRate}.",
            };
            state.Record(run.Run, new RemedyChosen(
                _attempt, rollback, new RemedyDecision(remedy!, next, reason, lambda)
                {
                    RateBy = lambda is null ? null : RateBasis.Lambda1,
                }, StateFixture.Start.AddSeconds(_attempt)));
            return next;
        }

        private void Complete(TrainingPlan plan, int from)
        {
            Begin(plan, from);
            for (int step = from; step < Steps; step++)
            {
                Step(plan, step, measure: true);
            }

            double accuracy = 0.86 - (0.1 * Math.Exp(-_rate * 8)) - (_rate > 0.5 ? 0.03 : 0) + (0.004 * _random.NextDouble());
            var evaluation = new Evaluation(Steps, (_loss * 1.1) + 0.03, accuracy);
            state.Add(new EvaluationRow(run.Run, _attempt, evaluation));
            state.Record(run.Run, new RunCompleted(
                Steps, evaluation, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run.Run))), StateFixture.Start.AddMinutes(2)));
        }

        private void Begin(TrainingPlan plan, int from)
        {
            _attempt++;
            if (from == 0)
            {
                (_loss, _lambda) = (2.31, 30);
            }

            state.Record(run.Run, new AttemptStarted(_attempt, from, plan, StateFixture.Start.AddSeconds(_attempt)));
        }

        private void Step(TrainingPlan plan, int step, bool measure)
        {
            double rate = plan.PeakLearningRate * Math.Min(1, plan.WarmupSteps == 0 ? 1 : (step - plan.WarmupFrom + 1.0) / plan.WarmupSteps);
            double noisy = _loss * Math.Exp(0.09 * (_random.NextDouble() + _random.NextDouble() - 1));
            state.Add(new StepRow(run.Run, _attempt, new StepMetrics(
                step, noisy, Math.Clamp(1.02 - (_loss / 2.5), 0, 1), 0.9 * noisy, rate, plan.ClipNorm is not null && step % 7 == 0)));
            if (measure && (step < 20 || step % 10 == 0))
            {
                double lambda = _lambda * Math.Exp(0.06 * (_random.NextDouble() - 0.5));
                bool converged = _random.NextDouble() > 0.08 || step == 0;
                state.Add(new MeasurementRow(run.Run, _attempt, step < 20 ? 0 : 2, new CurvatureMeasurement
                {
                    Step = step,
                    Lambda1 = step == 0 ? 29.83 : lambda,
                    Residual = lambda * (converged ? 8e-4 : 0.12),
                    Converged = converged,
                    Products = step == 0 ? 24 : 6,
                    Examples = 512,
                    LearningRate = rate,
                    Threshold = (step == 0 ? 2 : 3.8) / rate,
                    StabilityRatio = lambda * rate / (step == 0 ? 2 : 3.8),
                    Seconds = 0.11,
                }));
            }

            if (step > 0 && step % 50 == 0)
            {
                state.Add(new EvaluationRow(run.Run, _attempt, new Evaluation(step, (_loss * 1.08) + 0.02, 0.9 - (_loss / 3))));
            }

            // Loss falls with the rate; curvature relaxes towards the lesser of its own course and the edge of stability.
            _loss = 0.33 + ((_loss - 0.33) * (1 - Math.Min(0.05, 0.012 * Math.Sqrt(rate / 0.1))));
            double course = 5 + (25 * Math.Exp(-step / 90.0));
            double edge = 3.4 / rate;
            _lambda += 0.12 * (Math.Min(course, edge) - _lambda);
        }

        private static int HashCode(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
    }
}
