namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>What the oracle says of one state directory; the lists hold identities of runs.</summary>
/// <param name="Lost">Planned, but without a terminal state.</param>
/// <param name="Duplicated">Ended twice, or trained after the end.</param>
/// <param name="Unexpected">Not planned.</param>
/// <param name="Differing">Not the bits of the undisturbed run.</param>
/// <param name="Reexecuted">For each trainer that another had to go on for: its steps that were executed again.</param>
/// <param name="Elsewhere">Trainers that did not begin at the newest snapshot that was committed then, in words.</param>
/// <param name="LongestSlice">Most steps between two lines of a side log.</param>
/// <param name="Folder">Where to look.</param>
internal sealed record Findings(
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Duplicated,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<string> Differing,
    IReadOnlyList<int> Reexecuted,
    IReadOnlyList<string> Elsewhere,
    int LongestSlice,
    string Folder)
{
    public bool Clean => Lost.Count + Duplicated.Count + Unexpected.Count + Differing.Count == 0;

    /// <summary>In words, with where to look.</summary>
    public IEnumerable<string> Problems => Clean
        ? []
        : new[] { ("lost", Lost), ("duplicated", Duplicated), ("unexpected", Unexpected), ("differing", Differing) }
            .Where(kind => kind.Item2.Count > 0)
            .Select(kind => $"{kind.Item1}: {string.Join(", ", kind.Item2)} (kept in {Folder})");
}
