using System.Globalization;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>
/// Keeps the snapshots of all runs under a number of bytes by removing those that are only kept for convenience (newer
/// ones beyond the last, the best one), the oldest first. What a run or a rollback still needs is never removed.
/// </summary>
/// <param name="folder">Where they lie.</param>
/// <param name="bytes">Most that they may take.</param>
internal sealed class SnapshotBudget(SnapshotFolder folder, long bytes)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _expendable = [];
    private bool _exceeded;

    /// <summary>Takes note of what a run can spare, and removes what is too much.</summary>
    /// <returns>A sentence when what is left exceeds the budget and did not before; otherwise null.</returns>
    public string? Keep(string run, IReadOnlyList<string> expendable)
    {
        _expendable[run] = expendable;
        FileInfo[] present = Directory.Exists(folder.Path)
            ? new DirectoryInfo(folder.Path).GetFiles("*.snapshot", SearchOption.AllDirectories)
            : [];
        long total = present.Sum(file => file.Length);
        if (total > bytes)
        {
            HashSet<string> spare = [.. _expendable.Values.SelectMany(files => files).Select(folder.Locate)];
            foreach (FileInfo file in present.Where(file => spare.Contains(file.FullName)).OrderBy(file => file.LastWriteTimeUtc))
            {
                if (total <= bytes)
                {
                    break;
                }

                total -= file.Length;
                file.Delete();
            }
        }

        bool before = _exceeded;
        _exceeded = total > bytes;
        return _exceeded && !before
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Snapshots take {total / 1e6:f0} MB, above snapshot.disk-budget ({bytes / 1e6:f0} MB); every one left is still needed")
            : null;
    }
}
