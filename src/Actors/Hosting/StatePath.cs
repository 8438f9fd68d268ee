using System.Text;
using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// Which folders can hold state: every one that the file system allows, but for those whose path the databases' library
/// cannot take. That is found out before anything is written.
/// </summary>
internal static class StatePath
{
    /// <summary>What SQLite takes of a path in bytes, links resolved, the longest of its files included.</summary>
    private const int LongestOfSqlite = 512;

    private const string LongestFile = "/telemetry.db-journal";

    private const int MostLinks = 40;

    /// <summary>Refuses a folder that cannot hold the databases.</summary>
    /// <exception cref="ConfigurationException">It cannot; one sentence says why.</exception>
    public static void Check(StateDirectory directory)
    {
        string path = directory.Path;
        if (path.EnumerateRunes().Contains(Rune.ReplacementChar))
        {
            throw new ConfigurationException(
                $"The state directory {path} has a name with bytes that are not UTF-8; choose another with --state.");
        }

        int bytes = OperatingSystem.IsWindows() ? 0 : Encoding.UTF8.GetByteCount(Resolved(path));
        if (bytes > LongestOfSqlite - LongestFile.Length)
        {
            throw new ConfigurationException(
                $"The state directory {path} has a path of {bytes} bytes, links resolved; SQLite takes at most "
                + $"{LongestOfSqlite - LongestFile.Length}, choose another with --state.");
        }
    }

    /// <summary>The path with the links in it followed, as far as it exists.</summary>
    private static string Resolved(string path)
    {
        for (int links = 0; links < MostLinks; links++)
        {
            if (FirstLink(path) is not { } link)
            {
                break;
            }

            string target = new DirectoryInfo(link).LinkTarget!;
            path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link)!, target) + path[link.Length..]);
        }

        return path;
    }

    private static string? FirstLink(string path)
    {
        for (int end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            string part = end < 0 ? path : path[..end];
            if (new DirectoryInfo(part).LinkTarget is not null)
            {
                return part;
            }

            if (end < 0)
            {
                return null;
            }
        }
    }
}
