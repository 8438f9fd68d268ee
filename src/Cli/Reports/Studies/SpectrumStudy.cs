using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>The density of all eigenvalues over training for several initialisations; the paper leaves this open.</summary>
internal sealed class SpectrumStudy : IStudy
{
    /// <summary>Share of the mass that the bulk is said to hold.</summary>
    public const double Bulk = 0.99;

    public string Name => "spectrum";

    public string Title => "The whole spectrum over training";

    public string Claim =>
        "Nothing is claimed: whether the initialisation leaves a lasting mark on the spectrum beyond λ1 is left open by Gilmer et al. 2021 "
        + "(section 6). What is seen is reported.";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        foreach ((string name, string title, bool first) in new[]
        {
            ("study-spectrum-first", "Density of eigenvalues at initialisation", true), ("study-spectrum-last", "Density of eigenvalues at the end", false),
        })
        {
            yield return SeriesFigure.Draw(
                name, title, new SeriesAxis(AxisScale.Log, "positive eigenvalue"), new SeriesAxis(AxisScale.Log, "density"),
                [
                    .. data.Runs.Where(run => run.Densities.Rows.Count > 0).Select(run =>
                    {
                        DensityRow row = first ? run.Densities.Rows[0] : run.Densities.Rows[^1];
                        double floor = 1e-6 * row.Density.Where(double.IsFinite).DefaultIfEmpty(0).Max();
                        return new Series(
                            data.Series(run, "seed"),
                            [.. row.Grid.Zip(row.Density, (value, density) => (value, density > floor ? density : double.NaN)).Where(point => point.value > 0)]);
                    }),
                ],
                markers: false);
        }
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "run", "step", "lowest eigenvalue of the grid", "share below 0", "bulk ends at (99 % of the mass)", "highest of the grid", "mean eigenvalue");
        var first = new List<double>();
        var last = new List<double>();
        foreach (RunReport run in data.Runs.Where(run => run.Densities.Rows.Count > 0))
        {
            foreach (DensityRow row in run.Densities.Rows)
            {
                (double negative, double edge, double mean) = Of(row);
                table.Add(run.Name, row.Step, row.Grid[0], negative, edge, row.Grid[^1], mean);
            }

            if (run.Survived())
            {
                first.Add(Of(run.Densities.Rows[0]).Mean);
                last.Add(Of(run.Densities.Rows[^1]).Mean);
            }
        }

        return last.Count == 0 || first.Any(mean => mean <= 0) || last.Any(mean => mean <= 0)
            ? new Verdict(null, "No run that reached its end has densities with a positive mean eigenvalue yet.", table)
            : new Verdict(
                null,
                $"Between the initialisations the mean eigenvalue differs by a factor of {NumberText.Short(first.Max() / first.Min())} at first and of "
                + $"{NumberText.Short(last.Max() / last.Min())} at the end ({NumberText.Count(last.Count, "run")} that reached it).",
                table);
    }

    /// <summary>Mass below 0, where the bulk ends, and the mean, by the trapezoidal rule over a density scaled to one.</summary>
    internal static (double Negative, double Edge, double Mean) Of(DensityRow row)
    {
        double total = 0;
        double negative = 0;
        double moment = 0;
        var masses = new List<(double Right, double Mass)>();
        for (int i = 1; i < row.Grid.Count; i++)
        {
            double width = row.Grid[i] - row.Grid[i - 1];
            double mass = width * (row.Density[i] + row.Density[i - 1]) / 2;
            double middle = (row.Grid[i] + row.Grid[i - 1]) / 2;
            if (double.IsFinite(mass))
            {
                total += mass;
                negative += middle < 0 ? mass : 0;
                moment += mass * middle;
                masses.Add((row.Grid[i], mass));
            }
        }

        if (total <= 0)
        {
            return (double.NaN, double.NaN, double.NaN);
        }

        double sum = 0;
        double edge = masses[^1].Right;
        foreach ((double right, double mass) in masses)
        {
            sum += mass;
            if (sum >= Bulk * total)
            {
                edge = right;
                break;
            }
        }

        return (negative / total, edge, moment / total);
    }
}
