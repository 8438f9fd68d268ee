using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>journal.db read from outside, without any code of the program.</summary>
internal static class JournalFile
{
    private static readonly string[] Ends = ["run-completed", "run-diverged", "run-failed", "run-stopped"];

    /// <summary>The events of all runs in the order in which they were written; none while there is no journal.</summary>
    public static List<RunEvent> Read(string state)
    {
        List<RunEvent> events = [];
        using SqliteConnection connection = Open(Path.Combine(state, "journal.db"), SqliteOpenMode.ReadOnly);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandTimeout = 1; // the program may have been stopped while it makes the file
        command.CommandText =
            "SELECT persistence_id, sequence_number, manifest, message FROM journal WHERE persistence_id LIKE 'run-%' ORDER BY ordering";
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            string kind = rows.GetString(2).Split('/')[0];
            events.Add(new RunEvent(
                rows.GetString(0)["run-".Length..],
                rows.GetInt64(1),
                kind,
                JsonDocument.Parse(rows.GetFieldValue<byte[]>(3)).RootElement,
                Ends.Contains(kind)));
        }

        return events;
    }

    /// <summary>What the experiments have noted of the ends of their runs, in the order in which they were written.</summary>
    public static List<(string Run, string State)> Concluded(string state)
    {
        List<(string, string)> ends = [];
        using SqliteConnection connection = Open(Path.Combine(state, "journal.db"), SqliteOpenMode.ReadOnly);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT message FROM journal WHERE manifest = 'run-concluded/1' ORDER BY ordering";
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            JsonElement data = JsonDocument.Parse(rows.GetFieldValue<byte[]>(0)).RootElement;
            ends.Add((data.GetProperty("run").GetString()!, data.GetProperty("state").ToString()));
        }

        return ends;
    }

    /// <summary>Opens a database.</summary>
    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Executes statements.</summary>
    public static void Execute(SqliteConnection connection, string statements, params (string Name, object Value)[] values)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statements;
        foreach ((string name, object value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}

/// <summary>An event of a run.</summary>
internal sealed record RunEvent(string Run, long Sequence, string Kind, JsonElement Data, bool Terminal)
{
    public DateTime At => Data.GetProperty("at").GetDateTimeOffset().UtcDateTime;
}
