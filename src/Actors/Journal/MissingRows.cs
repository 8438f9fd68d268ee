using System.Globalization;

namespace CurvatureActors.Actors.Journal;

/// <summary>Rows of an attempt that by the journal were stored in telemetry, and are not there.</summary>
/// <param name="Table">Of which table: <c>steps</c> or <c>evaluations</c>.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="First">First step without a row.</param>
/// <param name="Last">Last such step.</param>
/// <param name="Rows">How many there are; fewer than from first to last where some between them are there.</param>
public sealed record MissingRows(string Table, int Attempt, int First, int Last, long Rows)
{
    /// <summary>In words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rows} {(Rows == 1 ? "row" : "rows")} of {Table} ({(First == Last ? $"step {First}" : $"steps {First} to {Last}")} of attempt {Attempt})");
}
