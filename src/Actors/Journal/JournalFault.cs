using System.Globalization;

namespace CurvatureActors.Actors.Journal;

/// <summary>Something in the journal's file that cannot be read, or cannot be true.</summary>
/// <param name="PersistenceId">Whose row it is; null when it is the whole file.</param>
/// <param name="Sequence">Number of the row among those of the same id, from 1; 0 when it is the whole file.</param>
/// <param name="Sentence">File, row, what is wrong and what to do, for people.</param>
public sealed record JournalFault(string? PersistenceId, long Sequence, string Sentence)
{
    internal const string Restore = "put back a copy of the file, or choose another directory with --state";

    internal static JournalFault OfFile(string path, string what) => new(null, 0, $"{path} {what}; {Restore}.");

    internal static JournalFault OfRow(string path, string id, long sequence, string what, string advice = Restore) => new(
        id, sequence, string.Create(CultureInfo.InvariantCulture, $"{path}: row {sequence} of {Owner(id)} {what}; {advice}."));

    private static string Owner(string id) =>
        PersistenceIds.RunOf(id) is { } run ? $"run {run}"
        : PersistenceIds.ExperimentOf(id) is { } experiment ? $"experiment \"{experiment}\""
        : $"\"{id}\"";
}
