using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Brings what stands in a database's write-ahead log into the database itself.</summary>
internal static class Checkpoint
{
    private const int PatienceSeconds = 5;

    /// <summary>
    /// Does it, as far as readers let it. A copy of the file alone is whole then; where this is not done nothing is lost
    /// as long as file and log stay together.
    /// </summary>
    public static void Of(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = PatienceSeconds,
            }.ConnectionString);
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // A full disk, or somebody who reads for long: the log stays, and the next life reads it.
        }
    }
}
