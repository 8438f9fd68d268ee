using Microsoft.Data.Sqlite;

namespace CurvatureActors.EndToEnd.Tests.Harness;

/// <summary>A copy of a finished state directory as a person makes one, to be changed from outside.</summary>
internal sealed class StateCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Copies the databases, without their logs, and the snapshots.</summary>
    public StateCopy(string state, bool journal = true)
    {
        Directory.CreateDirectory(Path);
        foreach (string file in Directory.GetFiles(state, "*.db").Where(file => journal || System.IO.Path.GetFileName(file) != "journal.db"))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }

        foreach (string file in Directory.GetFiles(System.IO.Path.Combine(state, "snapshots"), "*.snapshot", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(state, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>The copy.</summary>
    public string Path => _folder.Combine("state");

    /// <summary>A file of it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Changes a database of it.</summary>
    /// <returns>Rows that were changed.</returns>
    public int Execute(string database, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={this[database]};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteNonQuery();
    }

    public void Dispose() => _folder.Dispose();
}
