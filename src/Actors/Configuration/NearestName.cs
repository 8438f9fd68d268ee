namespace CurvatureActors.Actors.Configuration;

/// <summary>The valid name that a misspelt one most probably stands for.</summary>
internal static class NearestName
{
    /// <summary>
    /// The candidate at the smallest edit distance. Only the last segments are compared when that fits better, so
    /// that <c>training.learning-rate</c> finds <c>optimizer.learning-rate</c>.
    /// </summary>
    public static string Of(string name, IEnumerable<string> candidates) => candidates.MinBy(candidate => Math.Min(
        Distance(name, candidate),
        // Half a point more: the right key in the wrong section comes after an equally near whole path.
        Distance(LastSegment(name), LastSegment(candidate)) + 1.5))!;

    /// <summary>The part after the last dot.</summary>
    public static string LastSegment(string key) => key[(key.LastIndexOf('.') + 1)..];

    // Levenshtein's distance, one row at a time.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
