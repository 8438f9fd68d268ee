using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>
/// Whatever happens to a run, the file that a rollback lands on, or a trainer goes on from, was not removed before.
/// </summary>
public class RetentionPropertyTests
{
    private static readonly string[] Rules = ["non-finite", "blow-up", "silent-failure", "stall"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_rollback_always_finds_its_file(int seed)
    {
        Random random = new(seed);
        int rollbacks = 0;
        for (int history = 0; history < 200; history++)
        {
            rollbacks += Live(random, longest: 400);
        }

        // Otherwise this test would test nothing.
        Assert.True(rollbacks > 200, $"{rollbacks} rollbacks");
    }

    [Fact]
    public void What_is_kept_grows_with_the_logarithm_of_the_steps()
    {
        RunSpecification specification = Samples.Specification with
        {
            Training = Samples.Specification.Training with { Steps = 1_000_000, SnapshotEvery = 25 },
        };
        int[] steps = [.. Enumerable.Range(0, 40_001).Select(i => 25 * i)];

        int[] kept = [.. steps.Where(step => AnchorLadder.Has(step, steps[^1], specification))];

        // All of the youngest, and at most two for each doubling of an age from 25 to a million.
        Assert.InRange(kept.Length, 16, 3 + (2 * 16));
        // Of any onset, one that is at most three times as old and an interval is kept.
        for (int age = 50; age < 900_000; age += age / 3)
        {
            int anchor = kept.Last(step => step <= steps[^1] - age);
            Assert.InRange(steps[^1] - anchor, age, (3 * age) + 25);
        }
    }

    /// <summary>One run with crashes, pauses and divergences; the number of its rollbacks.</summary>
    private static int Live(Random random, int longest)
    {
        int every = random.Next(1, 25);
        int keep = random.Next(1, 5);
        int steps = random.Next(50, longest);
        RunSpecification specification = Specification(random, every, steps);
        int healthyAfter = specification.Recovery.HealthyAfter;
        HashSet<string> files = [];
        RunState state = RunState.New.Apply(new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At));
        int rollbacks = 0;
        int step = 0;
        List<string> account = [$"every {every}, keep {keep}, healthy after {healthyAfter}"];

        for (int decision = 0; decision < 60; decision++)
        {
            // Trains on to the next decision and commits the anchors on the way, as the trainer does.
            int until = Math.Min(steps, step + random.Next(0, 4 * every));
            for (; step <= until; step++)
            {
                if (step % every == 0 && state.NewestSnapshot?.Step != step)
                {
                    state = Commit(state, step, anchor: true);
                }
            }

            step = until;
            int attempt = state.Attempt!.Attempt;
            switch (random.Next(4))
            {
                case 0 when state.NewestSnapshot is not null:
                    // Crashed: goes on from the newest snapshot.
                    step = state.NewestSnapshot.Step;
                    account.Add($"crash at {until}, on from {step}");
                    AssertThere(state.NewestSnapshot);
                    break;
                case 1:
                    state = Commit(state, step, step % every == 0);
                    account.Add($"pause at {step}");
                    break;
                case 2:
                    break;
                default:
                    int at = Math.Min(steps - 1, step + random.Next(0, every));
                    if (at < step || at / every > step / every)
                    {
                        // The trainer commits each anchor before it can diverge after it.
                        at = step;
                    }

                    // Every rule must find its file, wherever it puts the onset; the run then follows one of them.
                    DivergenceVerdict[] verdicts =
                    [
                        .. Rules.Select(rule => new DivergenceVerdict(at, rule, "", null)),
                        .. Enumerable.Range(0, 20).Select(_ =>
                            new DivergenceVerdict(at, "blow-up", "", null, OnsetStep: random.Next(0, at + 1))),
                    ];
                    foreach (DivergenceVerdict possible in verdicts)
                    {
                        SnapshotCommitted landing = state.RollbackTarget(possible, specification)!;
                        AssertThere(landing);
                        Assert.True(landing.Step <= Math.Max(possible.OnsetStep ?? at, state.Attempt!.FromStep));
                    }

                    DivergenceVerdict verdict = verdicts[random.Next(verdicts.Length)];
                    SnapshotCommitted target = state.RollbackTarget(verdict, specification)!;
                    account.Add($"{verdict.Rule} at {at}, back to {target.Step}");
                    Assert.True(target.Anchor);
                    Assert.True(target.Step <= at);
                    state = state
                        .Apply(new DivergenceDetected(attempt, verdict, Samples.At))
                        .Apply(new RemedyChosen(
                            ++rollbacks, target.Step, new RemedyDecision("warmup", Samples.FirstPlan, "", null),
                            Samples.At))
                        .Apply(new AttemptStarted(attempt + 1, target.Step, Samples.FirstPlan, Samples.At));
                    Prune();
                    step = target.Step;
                    break;
            }
        }

        return rollbacks;

        RunState Commit(RunState before, int at, bool anchor)
        {
            SnapshotCommitted committed = Samples.Snapshot(before.Attempt!.Attempt, at, anchor);
            files.Add(committed.File);
            state = before.Apply(committed);
            Prune();
            return state;
        }

        // As the supervisor does.
        void Prune() =>
            files.IntersectWith(state.Retained(keep, specification).Select(snapshot => snapshot.File));

        void AssertThere(SnapshotCommitted snapshot)
        {
            Assert.NotNull(snapshot);
            if (!files.Contains(snapshot.File))
            {
                Assert.Fail($"{snapshot.File} was removed: {string.Join("; ", account)}");
            }
        }
    }

    private static RunSpecification Specification(Random random, int every, int steps) => Samples.Specification with
    {
        Training = Samples.Specification.Training with { Steps = steps, SnapshotEvery = every },
        Detection = Samples.Specification.Detection with { StallWindow = random.Next(0, 100) },
        Recovery = Samples.Specification.Recovery with { HealthyAfter = random.Next(1, 40) },
    };
}
