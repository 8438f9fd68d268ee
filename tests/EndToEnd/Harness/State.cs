using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.EndToEnd.Tests.Harness;

/// <summary>What a state directory holds, read from outside: by the program's JSON and from the files themselves.</summary>
internal static class State
{
    /// <summary><c>list --json</c>.</summary>
    /// <param name="state">The state directory.</param>
    /// <param name="exitCode">What the command ends with: 4 where it finds rows that do not fit, and shows the others.</param>
    public static async Task<JsonElement[]> ListAsync(string state, params int[] exitCode)
    {
        ProgramResult result = await RunningProgram.RunAsync("list", "--json", "--state", state);
        Assert.Contains(result.ExitCode, exitCode is [] ? [0] : exitCode);
        return [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
    }

    /// <summary><c>events RUN --json</c>.</summary>
    public static async Task<JsonElement[]> EventsAsync(string state, string run)
    {
        ProgramResult result = await RunningProgram.RunAsync("events", run, "--json", "--state", state);
        Assert.Equal(0, result.ExitCode);
        return [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
    }

    /// <summary>State, restarts and parametersSha256 of each run by name.</summary>
    public static async Task<Dictionary<string, string>> OutcomesAsync(string state) =>
        (await ListAsync(state)).ToDictionary(
            run => run.GetProperty("name").GetString()!,
            run => $"{run.GetProperty("state")} {run.GetProperty("restarts")} {run.GetProperty("parametersSha256")}");

    /// <summary>Every step of every attempt with its numbers, straight from telemetry.db.</summary>
    public static List<string> Steps(string state)
    {
        using SqliteConnection connection = Open(Path.Combine(state, "telemetry.db"));
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT run, attempt, step, loss, accuracy, gradient_norm, learning_rate, clipped FROM steps ORDER BY run, attempt, step";
        using SqliteDataReader rows = command.ExecuteReader();
        List<string> steps = [];
        while (rows.Read())
        {
            steps.Add(string.Join(' ', Enumerable.Range(0, rows.FieldCount).Select(column =>
                rows.GetValue(column) is double number ? $"{BitConverter.DoubleToInt64Bits(number):x}" : $"{rows.GetValue(column)}")));
        }

        return steps;
    }

    /// <summary>How many events of a kind the journal holds; 0 while there is no journal.</summary>
    public static long Count(string state, string manifest)
    {
        try
        {
            using SqliteConnection connection = Open(Path.Combine(state, "journal.db"));
            using SqliteCommand command = connection.CreateCommand();
            command.CommandTimeout = 1; // the program may have been stopped while it makes the file
            command.CommandText = "SELECT count(*) FROM journal WHERE manifest = $manifest";
            command.Parameters.AddWithValue("$manifest", manifest);
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    /// <summary>The payloads of all events of a kind, one after the other.</summary>
    public static string Text(string state, string manifest)
    {
        using SqliteConnection connection = Open(Path.Combine(state, "journal.db"));
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(CAST(message AS TEXT), char(10)) FROM journal WHERE manifest = $manifest";
        command.Parameters.AddWithValue("$manifest", manifest);
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>Changes a database.</summary>
    /// <returns>Rows that were changed.</returns>
    public static int Execute(string state, string database, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(state, database)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteNonQuery();
    }

    /// <summary>Where the program that has the directory listens; null while it does not.</summary>
    public static Uri? Control(string state)
    {
        try
        {
            using var holder = JsonDocument.Parse(File.ReadAllText(Path.Combine(state, "lock.json")));
            return holder.RootElement.GetProperty("address").GetString() is { } address ? new Uri(address) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }
}
