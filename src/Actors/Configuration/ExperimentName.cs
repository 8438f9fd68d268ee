using System.Text.RegularExpressions;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Names of experiments. Each becomes a folder of its reports, so it must be one that every system can make.</summary>
public static partial class ExperimentName
{
    private const int Longest = 64;

    /// <summary>What a name may be, for errors.</summary>
    internal const string Allowed =
        "at most 64 letters, digits, spaces, \".\", \"_\" and \"-\", that is the name of a folder: "
        + "no space at either end, no \".\" at the end, and no device of Windows such as nul or com1";

    /// <summary>Whether it is one.</summary>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= Longest && name == name.Trim(' ') && name[^1] != '.'
            && !Outside().IsMatch(name) && !Device().IsMatch(name);
    }

    /// <summary>
    /// A name for an experiment that has none, after its file. The file's name is not the user's statement about the
    /// experiment, so it is bent rather than refused.
    /// </summary>
    public static string OfFile(string file)
    {
        string bent = Outside().Replace(Path.GetFileNameWithoutExtension(file), "-");
        bent = bent[..Math.Min(bent.Length, Longest)].TrimEnd('.', ' ').TrimStart(' ');
        return bent.Length == 0 ? "experiment" : Device().IsMatch(bent) ? $"{bent[..Math.Min(bent.Length, Longest - 1)]}-".Replace('.', '-') : bent;
    }

    /// <summary>
    /// The folder for a name that comes from a journal, which an earlier version may have written: <c>..</c> was one.
    /// </summary>
    public static string Folder(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length == 0 || IsValid(name) ? name : OfFile($"{name}.conf");
    }

    [GeneratedRegex("[^A-Za-z0-9._ -]")]
    private static partial Regex Outside();

    [GeneratedRegex(@"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\z)", RegexOptions.IgnoreCase)]
    private static partial Regex Device();
}
