using CurvatureActors.Actors.Databases;
using CurvatureActors.Training;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Journal;

/// <summary>
/// Reads the journal without an actor system and without ever writing: the rows of Akka.Persistence.Sql's default
/// table, decoded by our own manifests. Works while a program is running on the same directory.
/// </summary>
/// <remarks>
/// Nothing that a file can hold makes this throw, but for a file that cannot be reached: what is wrong becomes a
/// <see cref="JournalFault"/>, and what can be read is read.
/// </remarks>
public static class JournalReader
{
    private const int NotADatabase = 26;
    private const int Corrupt = 11;

    private static readonly string[] Columns =
        ["ordering", "persistence_id", "sequence_number", "identifier", "manifest", "message"];

    /// <summary>Tables that the journal's library makes beside the journal itself, in an order of its own.</summary>
    private static readonly string[] Companions = ["tags", "journal_metadata", "journal_tags", "writable"];

    /// <summary>All rows in the order in which they were written.</summary>
    /// <param name="path">journal.db; a missing file is an empty journal.</param>
    /// <param name="id">Whose rows; null for all.</param>
    /// <exception cref="SqliteException">The file is there and cannot be reached: it is locked, or may not be opened.</exception>
    public static JournalContents Read(string path, string? id = null)
    {
        var contents = new JournalContents(path);
        if (PlainFile.Instead(path) is { } instead)
        {
            contents.Add(JournalFault.OfFile(path, $"is {instead}, no database"));
        }
        else if (File.Exists(path))
        {
            try
            {
                Read(path, id, contents);
            }
            catch (SqliteException error) when (error.SqliteErrorCode is NotADatabase)
            {
                contents.Add(JournalFault.OfFile(path, "is no SQLite database"));
            }
            catch (SqliteException error) when (error.SqliteErrorCode is Corrupt)
            {
                contents.Add(JournalFault.OfFile(path, "is damaged"));
            }
        }

        return contents;
    }

    private static void Read(string path, string? id, JournalContents contents)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        string[] tables = SqliteFile.Strings(
            connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        if (!tables.Contains("journal"))
        {
            if (tables.Except(Companions).FirstOrDefault() is { } other)
            {
                contents.Add(JournalFault.OfFile(path, $"is a database of something else: it has a table \"{other}\" and no journal"));
            }

            return;
        }

        if (Columns.Except(SqliteFile.Strings(connection, "SELECT name FROM pragma_table_info('journal')")).FirstOrDefault() is { } missing)
        {
            contents.Add(JournalFault.OfFile(path, $"is a database of something else: its table journal has no column {missing}"));
            return;
        }

        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            $"SELECT persistence_id, sequence_number, identifier, manifest, message FROM journal {(id is null ? "" : "WHERE persistence_id = $id")} ORDER BY ordering";
        command.Parameters.AddWithValue("$id", id ?? "");
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            contents.Add(new JournalRow(
                rows.GetValue(0), rows.GetValue(1), rows.GetValue(2), rows.GetValue(3), rows.GetValue(4)));
        }
    }
}
