namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>The experiments that are disturbed: real images, networks so small that a run takes a fraction of a second.</summary>
internal static class Sweeps
{
    /// <summary>24 runs; the rates ten times too high diverge, most of them, and are rescued.</summary>
    public const string Usual =
        Common +
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
          recovery { healthy-after = 8, warmup-steps = 20, budget = 3 }

        """;

    /// <summary>Steps between snapshots in all of them.</summary>
    public const int SnapshotEvery = 10;
}
