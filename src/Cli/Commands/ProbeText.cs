using CurvatureActors.Cli.Display;
using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Cli.Commands;

/// <summary>What <c>probe</c> prints for people.</summary>
internal static class ProbeText
{
    public static void Write(string run, CurvatureAnalysis analysis, string? picture)
    {
        Console.WriteLine(
            $"{run} at step {analysis.Step}: {analysis.Parameters} parameters, loss {Numbers.Short(analysis.Loss)} over {analysis.Examples} "
            + $"training examples; {analysis.Products} products in {Numbers.Short(analysis.Seconds)} s"
            + (analysis.Converged ? "" : "; not converged"));
        bool byMagnitude = EigenMethods.All[analysis.Method].ByMagnitude;
        Console.WriteLine($"by {analysis.Method} on the {analysis.Operator} operator"
            + (byMagnitude ? ", which finds the eigenvalue of the largest magnitude: it may be a negative one, and not lambda1" : "")
            + (analysis.Operator == "finite-differences" ? "; an approximation whose error the residual does not show" : ""));
        Tables.Write(
            ["eigenvalue", "value", "residual"],
            [
                .. analysis.Largest.Values.Select((value, i) => (string[])
                    [byMagnitude ? "largest magnitude" : $"lambda{i + 1}", Numbers.Short(value), Numbers.Short(analysis.Largest.Residuals[i])]),
                .. analysis.Preconditioned is { } preconditioned
                    ? [["preconditioned lambda1", Numbers.Short(preconditioned.Lambda1), Numbers.Short(preconditioned.Residual)]]
                    : Array.Empty<string[]>(),
                .. analysis.Smallest is { } smallest
                    ? [["lambda_min", Numbers.Short(smallest.LambdaMin), Numbers.Short(smallest.Residuals[0])]]
                    : Array.Empty<string[]>(),
            ]);
        string[] further =
        [
            .. double.IsNaN(analysis.Largest.GapRatio) ? [] : new[] { $"lambda1/lambda2 {Numbers.Short(analysis.Largest.GapRatio)}" },
            .. analysis.Trace is { } trace ? [$"trace {Numbers.WithError(trace.Value, trace.StandardError)}"] : Array.Empty<string>(),
        ];
        if (further.Length > 0)
        {
            Console.WriteLine(string.Join(", ", further));
        }

        if (analysis.Layers is { } layers)
        {
            Tables.Write(
                ["layer", "parameters", "own lambda1", "converged", "share of the top eigenvector"],
                layers.Select(layer => (string[])
                [
                    layer.Name, $"{layer.Parameters}", Numbers.WithError(layer.Lambda1, layer.Residual),
                    layer.Converged ? "yes" : "no", Numbers.Percent(layer.Share),
                ]));
        }

        if (picture is not null)
        {
            Console.WriteLine(picture);
        }
    }
}
