using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Hosting;

/// <summary>How the databases of a state directory are opened for writing.</summary>
public static class StateDatabases
{
    /// <summary>Bytes that the first events of a journal may take: where there is not even room for them nothing is begun.</summary>
    private const int RoomForEvents = 65536;

    /// <summary>SQLITE_CORRUPT.</summary>
    private const int Corrupt = 11;

    /// <summary>
    /// How Akka.Persistence.Sql reaches the journal. As an object: a path in a configuration text would have to be quoted
    /// twice, for the text and for the connection string in it.
    /// </summary>
    internal static DataOptions Journal(StateDirectory directory, TimeSpan patience) => new DataOptions()
        .UseConnectionString(ProviderName.SQLiteMS, ConnectionString(directory.Journal, patience, pooling: true));

    /// <summary>
    /// Write-ahead logging belongs to a file, so it is set once; and a directory that cannot be written is better
    /// found out here than from inside an actor.
    /// </summary>
    /// <exception cref="StateDirectoryException">The journal or the telemetry cannot be opened for writing.</exception>
    internal static void Prepare(StateDirectory directory, TimeSpan patience)
    {
        string file = directory.Telemetry;
        try
        {
            // Both are open at once, as they will be: each has files beside it that take room too.
            using (TelemetryDatabase telemetry = TelemetryDatabase.OpenWriter(directory.Telemetry))
            {
                file = directory.Journal;
                Write(directory.Journal, patience, JournalTables.Schema, RoomForEvents);
            }

            file = directory.Snapshots;
            var snapshots = new SnapshotFolder(directory.Snapshots);
            snapshots.Create();
            snapshots.RemoveUnfinished();
        }
        catch (SqliteException error) when (error.SqliteErrorCode == Corrupt)
        {
            throw Damaged(file, error.Message);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException(
                $"{file} cannot be written: {SqliteTrouble.Reason(file, error)}. Nothing that was committed is lost: the same command goes on once it can.",
                error);
        }
    }

    /// <summary>Writes a database of the same kind in a state directory and takes it away again.</summary>
    /// <exception cref="SqliteException">It cannot be written.</exception>
    /// <exception cref="IOException">It cannot be taken away.</exception>
    public static void Try(StateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        string trial = Path.Combine(directory.Path, "doctor.db");
        try
        {
            Write(trial, TimeSpan.FromSeconds(5));
        }
        finally
        {
            foreach (string suffix in (string[])["", "-wal", "-shm", "-journal"])
            {
                File.Delete(trial + suffix);
            }
        }
    }

    private static void Write(string path, TimeSpan patience, string schema = "", int room = 1)
    {
        if (PlainFile.Instead(path) is { } instead && !Directory.Exists(path))
        {
            throw new IOException($"it is {instead}, no file");
        }

        using var connection = new SqliteConnection(ConnectionString(path, patience, pooling: false));
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        if (command.ExecuteScalar() is string found && found != "ok")
        {
            // Found out here: written to, it would end in an error that waiting does not cure.
            throw Damaged(path, found.ReplaceLineEndings(" "));
        }

        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'journal'";
        bool fresh = (long)command.ExecuteScalar()! == 0;
        command.CommandText =
            $"PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; {(fresh ? schema : "")} CREATE TABLE IF NOT EXISTS writable (x); INSERT INTO writable VALUES (zeroblob({(fresh ? room : 1)})); DROP TABLE writable; COMMIT;";
        command.ExecuteNonQuery();
    }

    private static StateDirectoryException Damaged(string path, string found) =>
        new($"{path} is damaged: its pages do not fit together ({found.TrimEnd('.')}). Put a copy of it back; nothing was written.");

    private static string ConnectionString(string path, TimeSpan patience, bool pooling) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Pooling = pooling,
        DefaultTimeout = Math.Max(1, (int)patience.TotalSeconds),
    }.ConnectionString;
}
