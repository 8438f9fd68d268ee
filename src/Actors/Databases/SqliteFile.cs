using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Databases;

/// <summary>What all readers of a database file share.</summary>
internal static class SqliteFile
{
    private const int PatienceSeconds = 30;

    /// <summary>Opens a file for reading alone.</summary>
    /// <exception cref="SqliteException">It cannot be.</exception>
    public static SqliteConnection OpenForReading(string path) => Open(path, SqliteOpenMode.ReadOnly, PatienceSeconds);

    /// <summary>Opens a file.</summary>
    /// <param name="path">It.</param>
    /// <param name="mode">What for.</param>
    /// <param name="busySeconds">How long each command waits where another program has it locked.</param>
    /// <exception cref="SqliteException">It cannot be.</exception>
    public static SqliteConnection Open(string path, SqliteOpenMode mode, int busySeconds)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = busySeconds,
        }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The texts in the first column of a query's rows.</summary>
    public static string[] Strings(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader rows = command.ExecuteReader();
        List<string> strings = [];
        while (rows.Read())
        {
            strings.Add(rows.GetString(0));
        }

        return [.. strings];
    }

    /// <summary>The number that a query gives.</summary>
    public static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
