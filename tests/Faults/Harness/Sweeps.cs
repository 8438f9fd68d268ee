namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>The experiments that are disturbed: real images, networks so small that a run takes a fraction of a second.</summary>
internal static class Sweeps
{
    /// <summary>24 runs; the rates ten times too high diverge, most of them, and are rescued.</summary>
    public const string Usual = Common + Rates;

    /// <summary>
    /// The same with runs of a second or two, so that there is something to kill.
    /// </summary>
    public const string Slower =
        Common +
        """
          model { kind = cnn, channels = [16, 32] }
          training.batch-size = 128

        """
        + Rates;

    /// <summary>One run with every state there is, and a snapshot at each of its 60 steps.</summary>
    public const string EveryStep =
        Common +
        """
          model { normalization = batch, dropout = 0.1 }
          optimizer { kind = adam, learning-rate = 0.01 }
          schedule { kind = cosine, warmup-steps = 5 }
          snapshot { every = 1, keep = 100 }
        }
        """;

    /// <summary>Eight runs that train well.</summary>
    public const string Healthy =
        Common +
        """
          sweep {
            grid { "optimizer.learning-rate" = [0.01, 0.02] }
            seeds = 4
          }
        }
        """;

    /// <summary><see cref="Healthy"/> with one rate changed and one added.</summary>
    public const string HealthyEdited =
        Common +
        """
          sweep {
            grid { "optimizer.learning-rate" = [0.01, 0.03, 0.05] }
            seeds = 4
          }
        }
        """;

    /// <summary>
    /// Twelve runs of which most diverge; those with a ladder of lower rates are rescued by a measured lambda1, those with an
    /// adaptive optimizer by one that is measured before their first update.
    /// </summary>
    public const string Rescued =
        Common +
        """
          sweep {
            runs = [
              { "optimizer.learning-rate" = 0.5 }
              { "optimizer.learning-rate" = 0.5, "recovery.ladder" = [lower-rate] }
              { "optimizer.learning-rate" = 0.5, "optimizer.kind" = rmsprop }
            ]
            seeds = 4
          }
        }
        """;

    /// <summary>
    /// RMSProp so hot that the blow-up comes within the first steps and is seen late (at a plateau, or never by more than an
    /// accuracy of chance), with snapshots so close that the newest of them lie in the ruined stretch.
    /// </summary>
    public const string SeenLate =
        Common +
        """
          training.steps = 80
          snapshot.every = 5
          sweep {
            grid {
              "optimizer.kind" = [rmsprop]
              "optimizer.learning-rate" = [0.07, 0.1]
              "model.hidden" = [[16], [64, 64]]
            }
            seeds = 2
          }
        }
        """;

    /// <summary>
    /// Adaptive optimizers far too hot, most of which can be rescued only by a lower rate: what that is rests on a
    /// preconditioned measurement at the rollback.
    /// </summary>
    public const string Adaptive =
        Common +
        """
          training.steps = 80
          sweep {
            runs = [
              { "optimizer.kind" = adam, "optimizer.learning-rate" = 1.0 }
              { "optimizer.kind" = adam, "optimizer.learning-rate" = 1.0, "recovery.ladder" = [lower-rate] }
              { "optimizer.kind" = rmsprop, "optimizer.learning-rate" = 0.2 }
              { "optimizer.kind" = rmsprop, "optimizer.learning-rate" = 0.2, "recovery.ladder" = [lower-rate] }
            ]
            seeds = 2
          }
        }
        """;

    /// <summary>Runs that train well at several sizes of batch, so many seeds of each.</summary>
    public static string Noise(int seed, IEnumerable<int> batchSizes, int seeds) =>
        Common +
        $$"""
          seed = {{seed}}
          training.steps = 200
          optimizer.learning-rate = 0.01
          sweep {
            grid { "training.batch-size" = [{{string.Join(", ", batchSizes)}}] }
            seeds = {{seeds}}
          }
        }
        """;

    /// <summary>So many runs of ten steps.</summary>
    public static string Short(int seed, int runs) =>
        Common +
        $$"""
          seed = {{seed}}
          training.steps = 10
          schedule.warmup-steps = 0
          optimizer.learning-rate = 0.01
          probe.enabled = off
          sweep.seeds = {{runs}}
        }
        """;

    /// <summary>Two runs that are at work for so many steps, to be disturbed while they are.</summary>
    public static string Long(int steps) =>
        Common +
        $$"""
          training { steps = {{steps}}, evaluate-every = 500 }
          snapshot.every = 100
          optimizer.learning-rate = 0.01
          probe.every = 1000
          sweep.seeds = 2
        }
        """;

    /// <summary>Steps between snapshots in the usual sweep.</summary>
    public const int SnapshotEvery = 10;

    private const string Rates =
        """
          sweep {
            runs = [
              { "optimizer.learning-rate" = 0.01 }
              { "optimizer.learning-rate" = 0.02 }
              { "optimizer.learning-rate" = 0.05 }
              { "optimizer.learning-rate" = 0.5 }
              { "optimizer.kind" = adam, "optimizer.learning-rate" = 0.01 }
              { "optimizer.kind" = adam, "optimizer.learning-rate" = 0.1 }
            ]
            seeds = 4
          }
        }
        """;

    // Kills come so often that a run may be hit many times before its next snapshot: they must not use up its patience.
    private const string Common =
        """
        curvature {
          experiment.name = faults
          seed = 5
          data { train-examples = 320, test-examples = 100 }
          model { kind = mlp, hidden = [16] }
          training { steps = 60, batch-size = 32, evaluate-every = 20 }
          snapshot { every = 10, keep = 2 }
          probe { examples = 32, dense-steps = 2, every = 20 }
          detection.silent-failure.after = 30
          recovery { healthy-after = 8, warmup-steps = 20, budget = 3, crash-budget = 1000 }

        """;
}
