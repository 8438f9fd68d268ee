namespace CurvatureActors.EndToEnd.Tests.Harness;

/// <summary>
/// Four runs of a few seconds: one trains well; one diverges and is rescued; one is rescued by a rate that a measured
/// lambda1 decides; one has every state there is (Adam, batch normalisation, dropout).
/// </summary>
internal static class SmallSweep
{
    public const string LowerRateRun = "learning-rate=0.3 ladder=[lower-rate]";

    public const string Text =
        """
        curvature {
          experiment.name = small
          seed = 3
          data { train-examples = 640, test-examples = 200 }
          model { kind = cnn, channels = [4, 8], hidden = [32], init-scale = 2.0 }
          training { steps = 80, batch-size = 32, evaluate-every = 20 }
          snapshot { every = 10, keep = 2 }
          probe { examples = 64, dense-steps = 5, every = 10 }
          detection.silent-failure.after = 30
          recovery { healthy-after = 8, warmup-steps = 20, budget = 4 }
          sweep.runs = [
            { "optimizer.learning-rate" = 0.01 }
            { "optimizer.learning-rate" = 0.2 }
            { "optimizer.learning-rate" = 0.3, "recovery.ladder" = [lower-rate] }
            {
              "optimizer.learning-rate" = 0.01, "optimizer.kind" = adam, "model.dropout" = 0.1
              "model.normalization" = batch, "model.init-scale" = 1.0
            }
          ]
        }
        """;
}
