using CurvatureActors.Training.Data;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>
/// Real runs that are shorter than silent failure waits, judged at their last step: what ruined them is their rate, and the oracle is
/// their loss over the test beside ln 10, that of guessing among ten classes.
/// </summary>
public sealed class EndOfRunTests
{
    private static readonly DataSplit Data = DataSets.Load(
        new DataSpecification { Name = "fashion-mnist-small", TrainExamples = 500, TestExamples = 300 });

    [Theory]
    [InlineData("rmsprop", 0.3, 100)]
    [InlineData("adam", 1.0, 60)]
    public void Given_a_rate_far_too_high_when_the_run_ends_early_then_condemned_at_its_end(string optimizer, double rate, int steps)
    {
        (DivergenceVerdict? verdict, Evaluation? end) = Train(optimizer, rate, steps);

        Assert.True(end is null || end.Loss > 0.95 * Math.Log(10), $"the test loss is {end?.Loss}");
        Assert.NotNull(verdict);
        if (end is not null)
        {
            Assert.Equal((steps, "silent-failure", 0), (verdict.Step, verdict.Rule, verdict.OnsetStep));
        }
    }

    [Theory]
    [InlineData("adam", 0.003)]
    [InlineData("rmsprop", 0.001)]
    [InlineData("heavy-ball", 0.01)]
    // So low that it has hardly begun to learn.
    [InlineData("heavy-ball", 1e-5)]
    public void Given_a_rate_that_is_right_or_low_when_the_run_ends_early_then_left_alone(string optimizer, double rate)
    {
        foreach (int steps in new[] { 1, 19, 20, 33, 60, 110 })
        {
            (DivergenceVerdict? verdict, Evaluation? end) = Train(optimizer, rate, steps);

            Assert.NotNull(end);
            Assert.Null(verdict);
        }
    }

    /// <returns>The verdict, and the evaluation at the end if it came so far.</returns>
    private static (DivergenceVerdict? Verdict, Evaluation? End) Train(string optimizer, double rate, int steps)
    {
        RunSpecification run = Fixtures.Run(Fixtures.Model("mlp", hidden: [16]), Fixtures.Optimizer(optimizer, rate));
        run = run with
        {
            Schedule = run.Schedule with { Kind = "constant", WarmupSteps = 0 },
            Training = run.Training with { Steps = steps, BatchSize = 32, Loss = "cross-entropy" },
            Detection = run.Detection with { Rules = ["non-finite", "silent-failure"], SilentFailureAfter = 200 },
        };
        using TrainingSession session = TrainingSession.Create(run, Data, CPU);
        while (!session.Finished)
        {
            if (session.Advance().Verdict is { } verdict)
            {
                return (verdict, null);
            }
        }

        Evaluation end = session.Evaluate();
        return (session.Judge(end), end);
    }
}
