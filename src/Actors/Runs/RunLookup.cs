namespace CurvatureActors.Actors.Runs;

/// <summary>Which run a person means.</summary>
internal static class RunLookup
{
    /// <summary>
    /// The run whose identity or name is <paramref name="text"/>, or whose identity starts with it; null if there
    /// is none or more than one.
    /// </summary>
    public static T? Find<T>(IReadOnlyList<T> runs, string text, Func<T, string> identity, Func<T, string> name)
        where T : class
    {
        return Only(run => identity(run) == text)
            ?? Only(run => name(run) == text)
            ?? Only(run => identity(run).StartsWith(text, StringComparison.Ordinal));

        T? Only(Func<T, bool> meant) =>
            runs.Where(meant).DistinctBy(identity).Take(2).ToArray() is [var run] ? run : null;
    }
}
