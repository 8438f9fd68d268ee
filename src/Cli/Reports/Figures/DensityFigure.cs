using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>The spectral density of one snapshot on a logarithmic axis, with its error and the outlying eigenvalues.</summary>
internal static class DensityFigure
{
    /// <summary>What is less dense than this share of the peak is noise of the smoothing.</summary>
    private const double Floor = 1e-6;

    public static Figure Draw(string run, CurvatureAnalysis analysis)
    {
        SpectralDensity density = analysis.Density
            ?? throw new ArgumentException("The analysis holds no density.", nameof(analysis));
        var chart = new Chart(AxisScale.Linear, "eigenvalue", AxisScale.Log, "density");
        double peak = density.Density.Max();
        chart.Span((density.Grid[0], density.Grid[^1]), (peak * Floor, peak * 3));
        chart.Line(Points(density, 1), FigureColors.Blue.WithAlpha(.35), "± standard error", 1);
        chart.Line(Points(density, -1), FigureColors.Blue.WithAlpha(.35), null, 1);
        chart.Line(Points(density, 0), FigureColors.Blue, "density", 2.2f);
        double[] smallest = analysis.Smallest is { LambdaMin: var found } ? [found] : [];
        double lowest = smallest is [var exact] ? exact : density.Quadratures.Min(quadrature => quadrature.Nodes[^1]);
        chart.Points(
            analysis.Largest.Values.Concat(smallest).Select(value => (value, peak * Floor * 2)),
            Symbol.Diamond, FigureColors.Vermilion, "eigenvalues found", 9);
        return chart.Finish(
            $"{run}-{analysis.Step}-density",
            $"{run} at step {analysis.Step}: spectral density",
            $"Density of the eigenvalues of the loss Hessian of {run} at step {analysis.Step} on a logarithmic axis, from "
            + $"{NumberText.Short(lowest)} to {NumberText.Short(analysis.Largest.Lambda1)}.");
    }

    private static IEnumerable<(double, double)> Points(SpectralDensity density, int errors) =>
        density.Grid.Select((value, i) => (value, density.Density[i] + (errors * density.StandardError[i])));
}
