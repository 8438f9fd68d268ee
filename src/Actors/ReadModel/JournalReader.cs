using CurvatureActors.Actors.Journal;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.ReadModel;

/// <summary>
/// Reads the journal without an actor system and without ever writing: the rows of Akka.Persistence.Sql's default
/// table, decoded by our own manifests. Works while a program is running on the same directory.
/// </summary>
public static class JournalReader
{
    /// <summary>All events in the order in which they were written, with the persistence id they belong to.</summary>
    /// <param name="path">journal.db; a missing file is an empty journal.</param>
    /// <param name="persistenceId">Only this one; null for all.</param>
    public static IReadOnlyList<(string PersistenceId, long Sequence, IJournalEvent Event)> Read(
        string path, string? persistenceId = null)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 30,
        }.ConnectionString);
        connection.Open();
        using SqliteCommand tables = connection.CreateCommand();
        tables.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'journal'";
        if ((long)tables.ExecuteScalar()! == 0)
        {
            return [];
        }

        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "SELECT persistence_id, sequence_number, manifest, message FROM journal WHERE identifier = $serializer"
            + (persistenceId is null ? "" : " AND persistence_id = $id") + " ORDER BY ordering";
        command.Parameters.AddWithValue("$serializer", JournalSerializer.SerializerIdentifier);
        command.Parameters.AddWithValue("$id", persistenceId ?? "");
        using SqliteDataReader rows = command.ExecuteReader();
        var events = new List<(string, long, IJournalEvent)>();
        while (rows.Read())
        {
            events.Add((
                rows.GetString(0), rows.GetInt64(1),
                JournalManifests.Decode(rows.GetFieldValue<byte[]>(3), rows.GetString(2))));
        }

        return events;
    }
}
