using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Bench.Workloads;

/// <summary>The run that everything is measured with: the quickstart's network at a rate that never diverges.</summary>
internal static class Experiments
{
    internal const double LearningRate = 0.01;
    internal const double Momentum = 0.9;
    internal const int BatchSize = 64;

    private static readonly string Text =
        $$"""
        curvature {
          seed = 1
          model { kind = cnn, channels = [8, 16], hidden = [64], normalization = none }
          optimizer { kind = heavy-ball, momentum = {{Momentum}}, learning-rate = {{LearningRate}} }
          training { batch-size = {{BatchSize}}, threads = 1 }
        }
        """;

    /// <summary>The experiment with settings over it, as in <c>--set</c>.</summary>
    internal static ExperimentSpecification Create(params IReadOnlyList<string> sets) =>
        ExperimentLoader.LoadText(Text, "bench", [.. sets.Select(set => $"curvature.{set}")]);
}
