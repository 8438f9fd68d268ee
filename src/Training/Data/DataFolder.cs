using System.Text.RegularExpressions;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Finds the files of a data set under the names that they really have: as a browser or <c>wget</c> numbers a second
/// download, packed or not, in upper case, with other punctuation, with the name of the set before them.
/// </summary>
internal static partial class DataFolder
{
    private const int MostNamed = 6;

    /// <summary>
    /// The files of a set, in the order of the roles. A file of exactly the given name comes first, then one whose name says
    /// the same; an unpacked one before a packed one.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <param name="roles">For each file its name and, if there are any, other names of it.</param>
    /// <param name="packed">Whether each may also be a gzip file with a name that ends in <c>.gz</c>.</param>
    /// <param name="expected">What should be there, for the error.</param>
    /// <param name="missing">What is found where there is nothing.</param>
    /// <param name="home">Where the set is to be had.</param>
    /// <exception cref="DataSetException">A file is missing, or there are files of several sets.</exception>
    public static IReadOnlyList<string> Find(
        string directory, IReadOnlyList<string[]> roles, bool packed, string expected, string missing, string home)
    {
        string[] files = Files(directory, home);
        FoundFile[][] found = [.. roles.Select(names => Matches(files, names, packed))];
        int lacking = Array.FindIndex(found, matches => matches.Length == 0);
        if (lacking >= 0)
        {
            string name = roles[lacking][0];
            throw DataSetException.Damaged(
                Path.Combine(directory, name), expected, missing + NearMisses(directory, files, roles, packed), home);
        }

        // The set that has all the files; without a name before them if there is one.
        string[] sets = [.. found[0].Select(match => match.Set).Distinct()
            .Where(set => Array.TrueForAll(found, matches => matches.Any(match => match.Set == set)))];
        string? chosen = sets.Contains("") ? "" : sets.Length == 1 ? sets[0] : null;
        return chosen is not null
            ? [.. found.Select(matches => Only([.. matches.Where(match => match.Set == chosen)], roles[0][0], home))]
            : throw DataSetException.Damaged(
                directory,
                $"the files of one data set ({roles[0][0]}, ...)",
                sets.Length == 0
                    ? $"no set that is complete ({Listed(found.Select(matches => Path.GetFileName(matches[0].Path)))})"
                    : $"those of several ({Listed(sets.Select(set => set.TrimEnd('-')))}; put one into a folder of its own)",
                home);
    }

    /// <summary>The files of a folder.</summary>
    /// <exception cref="DataSetException">It cannot be read.</exception>
    public static string[] Files(string directory, string home)
    {
        try
        {
            return Directory.GetFiles(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw DataSetException.Damaged(directory, "a folder that can be read", $"an error ({error.Message.TrimEnd('.')})", home, error);
        }
    }

    /// <summary>The nearest of the files of one role. Where several are equally near they must say the same.</summary>
    private static string Only(FoundFile[] matches, string name, string home)
    {
        FoundFile chosen = matches[0];
        FoundFile? other = Array.Find(matches[1..], match => match.Rank == chosen.Rank && !DataFile.AreEqual(chosen.Path, match.Path, home));
        return other is null
            ? chosen.Path
            : throw DataSetException.Damaged(
                Path.GetDirectoryName(chosen.Path)!,
                $"the files of one data set ({name}, ...)",
                $"{Path.GetFileName(chosen.Path)} and {Path.GetFileName(other.Path)} with different contents (remove one of them, or give the right one the name of the format)",
                home);
    }

    private static FoundFile[] Matches(IEnumerable<string> files, string[] names, bool packed) =>
    [
        .. files.Select(file => Match(file, names, packed)).OfType<FoundFile>()
            .OrderBy(match => match.Rank).ThenBy(match => match.Path, StringComparer.Ordinal),
    ];

    private static FoundFile? Match(string file, string[] names, bool packed)
    {
        string name = Path.GetFileName(file);
        int exact = name == names[0] ? 0 : packed && name == names[0] + ".gz" ? 1 : -1;
        if (exact >= 0)
        {
            return new(file, "", exact);
        }

        (string plain, bool isPacked, bool isCopy) = Plain(name);
        if (isPacked && !packed)
        {
            return null;
        }

        int rank = 2 + (isPacked ? 1 : 0) + (isCopy ? 2 : 0);
        foreach (string wanted in names.Select(known => Plain(known).Name))
        {
            if (plain == wanted)
            {
                return new(file, "", rank);
            }

            if (packed && plain.EndsWith("-" + wanted, StringComparison.Ordinal))
            {
                return new(file, plain[..^wanted.Length], rank);
            }
        }

        return null;
    }

    // What two spellings of a name have in common: no case, no punctuation, no number of a download, no .gz.
    private static (string Name, bool Packed, bool Copy) Plain(string name)
    {
        bool packed = false;
        bool copy = false;
        for (string before = ""; before != name;)
        {
            before = name;
            string shorter = CopyMark().Replace(name, "");
            copy |= shorter != name;
            name = shorter;
            if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".gzip", StringComparison.OrdinalIgnoreCase))
            {
                packed = true;
                name = Path.GetFileNameWithoutExtension(name);
            }
        }

        return (Punctuation().Replace(name.ToLowerInvariant(), "-"), packed, copy);
    }

    private static string NearMisses(string directory, string[] files, IReadOnlyList<string[]> roles, bool packed)
    {
        string? folder = SubfolderWith(directory, roles, packed);
        if (folder is not null)
        {
            return $", but {folder} has such files (set {DataSets.DirectoryKey} to it)";
        }

        // Another name that has most of the words, or an archive that the files may be in.
        HashSet<string> words = [.. roles.SelectMany(names => names).SelectMany(Words)];
        string[] near =
        [
            .. files.Select(file => Path.GetFileName(file)!)
                .Where(name => Words(name).Count(words.Contains) >= 2 || Archive().IsMatch(name)).Order(StringComparer.Ordinal),
        ];
        return near.Length > 0 ? $"; similar names there: {Listed(near)}" : "";
    }

    private static string? SubfolderWith(string directory, IReadOnlyList<string[]> roles, bool packed)
    {
        try
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true };
            return Directory.EnumerateDirectories(directory, "*", options).Order(StringComparer.Ordinal).FirstOrDefault(folder =>
                Directory.EnumerateFiles(folder).Any(file => roles.Any(names => Match(file, names, packed) is not null)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Words(string name) =>
        Plain(name).Name.Split('-', StringSplitOptions.RemoveEmptyEntries);

    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(MostNamed)) + (all.Length > MostNamed ? $" and {all.Length - MostNamed} more" : "");
    }

    [GeneratedRegex(@"(\s*\(\d+\)| - copy( \d+)?|(?<=\.(gz|gzip|bin))\.\d+|~)(?=(\.(gz|gzip|bin))?$)", RegexOptions.IgnoreCase)]
    private static partial Regex CopyMark();

    [GeneratedRegex(@"[\s._-]+")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"\.(zip|tar|tgz|tar\.gz|7z|parquet|npz|npy|mat|csv|pkl)$|-batches-py", RegexOptions.IgnoreCase)]
    private static partial Regex Archive();

    /// <summary>A file that may be the one looked for.</summary>
    /// <param name="Path">Where it is.</param>
    /// <param name="Set">What stands before the wanted name ("emnist-letters-").</param>
    /// <param name="Rank">The smaller, the nearer.</param>
    private sealed record FoundFile(string Path, string Set, int Rank);
}
