using System.Globalization;
using CurvatureActors.Training;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Databases;

/// <summary>
/// Why a database failed, in words for people. SQLite calls a disk that is full by several names: beside a database it
/// keeps files that have to be made even by a reader, and where there is no room for them it says "disk I/O error".
/// </summary>
internal static class SqliteTrouble
{
    private const int InputOutput = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;

    /// <summary>Files that SQLite keeps beside a database.</summary>
    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    /// <summary>Less than SQLite needs beside a database before anything is written.</summary>
    private const long LittleRoom = 1 << 17;

    /// <summary>The reason, as a part of a sentence.</summary>
    /// <param name="path">The database.</param>
    /// <param name="error">What failed; a <see cref="SqliteException"/> may be inside it.</param>
    public static string Reason(string path, Exception error)
    {
        string words = (Inner(error) ?? error).Message.TrimEnd('.');
        if (Inner(error) is not null && Companions.Select(suffix => path + suffix).FirstOrDefault(file => PlainFile.Instead(file) is not null) is { } odd)
        {
            return $"{odd}, which belongs to it, is {PlainFile.Instead(odd)}, no file ({words})";
        }

        return Inner(error)?.SqliteErrorCode switch
        {
            Full => $"the disk is full ({words}){Room(path)}",
            InputOutput or CannotOpen when Free(path) < LittleRoom => $"the disk is full ({words}){Room(path)}",
            _ => words,
        };
    }

    /// <summary>The error of SQLite in an error of others; null when there is none.</summary>
    public static SqliteException? Inner(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is SqliteException found)
            {
                return found;
            }
        }

        return null;
    }

    private static string Room(string path) => Free(path) is { } free
        ? string.Create(CultureInfo.InvariantCulture, $"; {free / 1024} KiB are free on its file system, make room there")
        : "; make room there";

    private static long? Free(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
