using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>The density of eigenvalues over training: one curve for some of the steps, from light to dark.</summary>
internal static class DensitiesFigure
{
    private const int MostCurves = 6;

    /// <summary>What is less dense than this share of the highest peak is noise of the smoothing.</summary>
    private const double Floor = 1e-6;

    private const double Lightest = 0.2;

    /// <summary>Null when it was not measured.</summary>
    public static Figure? Draw(RunReport run)
    {
        IReadOnlyList<DensityRow> all = run.Densities.Rows;
        if (all.Count == 0)
        {
            return null;
        }

        int count = Math.Min(MostCurves, all.Count);
        DensityRow[] shown =
        [
            .. Enumerable.Range(0, count)
                .Select(i => all[count == 1 ? 0 : (int)Math.Round(i * (all.Count - 1.0) / (count - 1))]),
        ];
        double[] grid = [.. shown.SelectMany(row => row.Grid).Where(double.IsFinite)];
        double peak = shown.SelectMany(row => row.Density).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        bool anything = peak > 0 && grid.Length > 0 && grid.Max() > grid.Min();
        var chart = new Chart(AxisScale.Linear, "eigenvalue", AxisScale.Log, "density");
        chart.Span(anything ? (grid.Min(), grid.Max()) : (0, 1), anything ? (peak * Floor, peak * 3) : (0.1, 10));
        for (int i = 0; anything && i < count; i++)
        {
            // Below the floor a curve is left out, or it would run along the bottom and out of the figure.
            DensityRow row = shown[i];
            chart.Line(
                row.Grid.Zip(row.Density, (value, density) => (value, density > peak * Floor ? density : double.NaN)),
                FigureColors.Blue.WithAlpha(count == 1 ? 1 : Lightest + ((1 - Lightest) * i / (count - 1))),
                $"step {row.Step}", 1.8f);
        }

        if (!anything)
        {
            chart.Nothing("no finite density");
        }

        return chart.Finish(
            $"{RunFigures.FileName(run)}-densities",
            $"{run.Name}: spectral density",
            $"Density of the eigenvalues of the loss Hessian of {run.Name} on a logarithmic axis at the steps "
            + $"{string.Join(", ", shown.Select(row => row.Step))}, from light to dark.");
    }
}
