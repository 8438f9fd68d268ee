using System.Globalization;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Cli;

/// <summary>
/// The newest measurement of a kind beside lambda1: an entry of <c>kinds</c> in <c>show --json</c>; its fields are part of
/// the outward contract.
/// </summary>
internal sealed record KindRow
{
    public required int Attempt { get; init; }

    public required int Step { get; init; }

    /// <summary>Hessian-vector products.</summary>
    public required double Products { get; init; }

    public required double Seconds { get; init; }

    /// <summary>By name, in the order of the names with numbers as numbers.</summary>
    public required IReadOnlyList<MeasuredValue> Values { get; init; }

    /// <summary>For the kind <c>density</c>; null for the others.</summary>
    public required object? Density { get; init; }

    /// <summary>The newest of each kind, in the order of their registration.</summary>
    /// <param name="values">All values of a run in order.</param>
    /// <param name="densities">All densities of it in order.</param>
    public static IReadOnlyDictionary<string, KindRow> Newest(
        IReadOnlyList<CurvatureValueRow> values, IReadOnlyList<DensityRow> densities)
    {
        var newest = new OrderedDictionary<string, KindRow>();
        foreach (string kind in MeasurementKinds.All.Names)
        {
            CurvatureValueRow? last = values.LastOrDefault(row => row.Kind == kind);
            if (last is not null)
            {
                newest[kind] = Of(
                    [.. values.Where(row => row.Kind == kind && row.Attempt == last.Attempt && row.Step == last.Step)],
                    kind == "density" ? densities.LastOrDefault(row => row.Attempt == last.Attempt && row.Step == last.Step) : null);
            }
        }

        return newest;
    }

    /// <summary>Without the digits at its end: lambda10 comes after lambda2.</summary>
    private static string Word(string name) => name.TrimEnd([.. "0123456789"]);

    private static long Number(string name) =>
        long.TryParse(name.AsSpan(Word(name).Length), CultureInfo.InvariantCulture, out long number) ? number : 0;

    private static double Cost(CurvatureValueRow[] rows, string name) =>
        rows.FirstOrDefault(row => row.Name == name)?.Value ?? double.NaN;

    private static KindRow Of(CurvatureValueRow[] rows, DensityRow? density) => new()
    {
        Attempt = rows[0].Attempt,
        Step = rows[0].Step,
        Products = Cost(rows, KindRows.Products),
        Seconds = Cost(rows, KindRows.Seconds),
        Values =
        [
            .. rows.Where(row => !KindRows.IsCost(row.Name))
                .OrderBy(row => Word(row.Name), StringComparer.Ordinal).ThenBy(row => Number(row.Name))
                .Select(row => new MeasuredValue(row.Name, row.Value, row.Error)),
        ],
        Density = density is null ? null : new { density.Grid, density.Density, density.StandardError },
    };
}
