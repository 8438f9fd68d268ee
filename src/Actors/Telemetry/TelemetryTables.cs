using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Training;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>The tables of telemetry.db by their columns: whether a file is one, and digests of a run's rows.</summary>
internal static class TelemetryTables
{
    /// <summary>
    /// Names and columns that digests in journals stand for: never changed. Columns that a later version adds need an
    /// entry of their own, under another name.
    /// </summary>
    private static readonly Table[] All =
    [
        new("steps", "attempt, step", "attempt, step, loss, accuracy, gradient_norm, learning_rate, clipped"),
        new("evaluations", "attempt, step", "attempt, step, loss, accuracy"),
        new(
            "measurements", "attempt, step",
            "attempt, step, lambda1, residual, converged, products, preconditioned_lambda1, examples, learning_rate, "
            + "threshold, stability_ratio, seconds, lag"),
        new("curvature_values", "attempt, step, kind, name", "attempt, step, kind, name, value, error"),
        new("densities", "attempt, step", "attempt, step, grid, density, standard_error"),
    ];

    /// <summary>
    /// What <c>PRAGMA user_version</c> is once all of these tables were made. Files of earlier versions say 0 and have
    /// those of <see cref="First"/>, and perhaps others.
    /// </summary>
    public const int Version = 1;

    private static readonly string[] First = ["steps", "evaluations", "measurements"];

    /// <summary>Refuses what is no file, before anybody waits for it.</summary>
    /// <exception cref="StateDirectoryException">It is a pipe, say.</exception>
    public static void RequireFile(string path)
    {
        if (PlainFile.Instead(path) is { } instead)
        {
            throw Refused(path, $"is {instead}, no database");
        }
    }

    /// <summary>Whether all tables of this version were made, at once.</summary>
    public static bool AreMade(SqliteConnection connection) => SqliteFile.Number(connection, "PRAGMA user_version") >= Version;

    /// <summary>Whether a file is telemetry of any version, or empty.</summary>
    /// <exception cref="StateDirectoryException">It is something else, or a table of it is gone.</exception>
    /// <exception cref="SqliteException">It cannot be reached.</exception>
    public static void Require(SqliteConnection connection, string path)
    {
        try
        {
            // Asked before the tables are looked at: a writer may be making them.
            bool whole = AreMade(connection);
            HashSet<string> present = [.. SqliteFile.Strings(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")];
            if (present.Count > 0 && !All.Any(table => present.Contains(table.Name)))
            {
                throw Refused(path, $"is a database of something else: it has a table \"{present.First()}\" and no steps");
            }

            foreach (Table table in All.Where(table => present.Contains(table.Name)))
            {
                string[] columns = SqliteFile.Strings(connection, $"SELECT name FROM pragma_table_info('{table.Name}')");
                if (table.ColumnNames.Prepend("run").Except(columns).FirstOrDefault() is { } missing)
                {
                    throw Refused(path, $"is a database of something else: its table {table.Name} has no column {missing}");
                }
            }

            if (Lost(connection, present, whole) is { } lost)
            {
                throw Refused(path, $"has lost its table {lost}");
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode is 11 or 26)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>A table that must have been there; null when there is none. To make it anew would hide what is gone.</summary>
    private static string? Lost(SqliteConnection connection, HashSet<string> present, bool whole)
    {
        if (present.Count == 0 && !whole)
        {
            // Nothing was made yet. Whether anything must have been, the journal says.
            return null;
        }

        // An earlier version made one table after the other: one that was killed meanwhile left some, without rows.
        return (whole ? All.Select(table => table.Name) : First).FirstOrDefault(name => !present.Contains(name)) is { } missing
            && (whole || All.Any(table => present.Contains(table.Name)
                && SqliteFile.Number(connection, $"SELECT EXISTS (SELECT 1 FROM {table.Name})") > 0))
            ? missing
            : null;
    }

    /// <summary>What is said of a file without any table, of which the journal knows that it had rows.</summary>
    public static string Emptied(string path) => Refused(path, "has lost its tables").Message;

    /// <summary>The error that names the file and says what to do.</summary>
    public static StateDirectoryException Unreadable(string path, Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: 26 } => Refused(path, "is no SQLite database", error),
        SqliteException { SqliteErrorCode: 11 } => Refused(path, "is damaged", error),
        SqliteException => new StateDirectoryException(
            $"{path} cannot be read: {SqliteTrouble.Reason(path, error)}. Nothing was changed: try again once it can.", error),
        _ => Refused(path, $"holds a value that no step, evaluation or measurement has ({error.Message.TrimEnd('.')})", error),
    };

    /// <summary>
    /// The digest of each table's rows of a run, in the order of their key: of each value its type (a byte) and its bytes
    /// (64 bits little-endian, or length and content), as SQLite stores them.
    /// </summary>
    /// <returns>By table; a table that is not there has no rows.</returns>
    public static IReadOnlyDictionary<string, RowDigest> Digests(SqliteConnection connection, string run)
    {
        HashSet<string> present = [.. SqliteFile.Strings(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")];
        return new SortedDictionary<string, RowDigest>(All.ToDictionary(
            table => table.Name,
            table => present.Contains(table.Name) ? Digest(connection, table, run) : RowDigest.None), StringComparer.Ordinal);
    }

    private static RowDigest Digest(SqliteConnection connection, Table table, string run)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {table.Columns} FROM {table.Name} WHERE run = $run ORDER BY {table.Key}";
        command.Parameters.AddWithValue("$run", run);
        using SqliteDataReader rows = command.ExecuteReader();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long count = 0;
        Span<byte> head = stackalloc byte[1 + sizeof(long)];
        while (rows.Read())
        {
            count++;
            for (int column = 0; column < rows.FieldCount; column++)
            {
                byte[] content = [];
                switch (rows.GetValue(column))
                {
                    case long whole:
                        head[0] = 1;
                        BinaryPrimitives.WriteInt64LittleEndian(head[1..], whole);
                        break;
                    case double number:
                        head[0] = 2;
                        BinaryPrimitives.WriteDoubleLittleEndian(head[1..], number);
                        break;
                    case string text:
                        content = Encoding.UTF8.GetBytes(text);
                        head[0] = 3;
                        BinaryPrimitives.WriteInt64LittleEndian(head[1..], content.Length);
                        break;
                    case byte[] bytes:
                        content = bytes;
                        head[0] = 4;
                        BinaryPrimitives.WriteInt64LittleEndian(head[1..], content.Length);
                        break;
                    default:
                        head.Clear();
                        break;
                }

                hash.AppendData(head);
                hash.AppendData(content);
            }
        }

        return new RowDigest(count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static StateDirectoryException Refused(string path, string what, Exception? inner = null)
    {
        string sentence = $"{path} {what}; put back a copy of the file, or move it away to go on without the numbers in it.";
        return inner is null ? new StateDirectoryException(sentence) : new StateDirectoryException(sentence, inner);
    }

    private sealed record Table(string Name, string Key, string Columns)
    {
        public IEnumerable<string> ColumnNames => Columns.Split(", ");
    }
}
