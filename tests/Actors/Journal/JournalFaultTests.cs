using System.Text;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Actors.Tests.Runs;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Tests.Journal;

/// <summary>Files that hold what no version of this program, or not this one, has written.</summary>
public sealed class JournalFaultTests : IDisposable
{
    private const string One = "run-aaaa11111111";
    private const string Two = "run-bbbb22222222";

    private readonly TemporaryFolder _folder = new();

    private string File => _folder["journal.db"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run-claimed/2", "{}", "does not know")]
    [InlineData("run-paused/1", """{ "step": 3""", "damaged")]
    [InlineData("run-paused/1", "", "damaged")]
    [InlineData("run-paused/1", "null", "empty")]
    [InlineData("run-paused/1", """{ "step": "three", "at": "2026-01-02T03:04:05+00:00" }""", "damaged")]
    [InlineData("run-completed/1", """{ "steps": 3, "parametersSha256": "ab", "at": "2026-01-02T03:04:05+00:00" }""", "damaged")]
    [InlineData("run-completed/1", """{ "steps": 3, "evaluation": null, "parametersSha256": "ab", "at": "2026-01-02T03:04:05+00:00" }""", "damaged")]
    [InlineData("divergence-detected/1", """{ "attempt": 1, "verdict": { "step": 1, "rule": "stall", "evidence": "", "healthyGradientNorm": null }, "at": "2026-01-02T03:04:05+00:00" }""", "does not fit")]
    [InlineData("run-concluded/1", """{ "run": "aaaa11111111", "state": "failed", "at": "2026-01-02T03:04:05+00:00" }""", "does not fit")]
    public void A_row_that_cannot_be_read_is_named_and_the_rest_is_read(string manifest, string payload, string what)
    {
        Write(One, 1, "run-claimed/1", Encode(new RunClaimed(1, "host", "cpu", Samples.At)));
        Write(One, 2, manifest, Encoding.UTF8.GetBytes(payload));
        Write(One, 3, "run-failed/1", Encode(new RunFailed("later", Samples.At)));
        Write(Two, 1, "run-failed/1", Encode(new RunFailed("other", Samples.At)));

        JournalAccount account = JournalAccount.Read(File);

        JournalFault fault = Assert.Single(account.Faults);
        Assert.Equal((One, 2), (fault.PersistenceId, fault.Sequence));
        Assert.Contains(File, fault.Sentence, StringComparison.Ordinal);
        Assert.Contains("row 2 of run aaaa11111111", fault.Sentence, StringComparison.Ordinal);
        Assert.Contains(what, fault.Sentence, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Running, account.Of("aaaa11111111").Status);
        Assert.Equal("other", account.Of("bbbb22222222").Reason);
        Assert.Same(fault, account.FaultOf("aaaa11111111"));
        Assert.Null(account.FaultOf("bbbb22222222"));
    }

    [Theory]
    [InlineData(1, "run aaaa11111111")]
    [InlineData(2, "2 runs (the first is aaaa11111111)")]
    public void Runs_that_no_experiment_asked_for_say_that_rows_are_gone(int runs, string named)
    {
        Write(One, 1, "run-claimed/1", Encode(new RunClaimed(1, "host", "cpu", Samples.At)));
        if (runs == 2)
        {
            Write(Two, 1, "run-failed/1", Encode(new RunFailed("other", Samples.At)));
        }

        JournalAccount account = JournalAccount.Read(File);

        string sentence = Assert.Single(account.Faults).Sentence;
        Assert.StartsWith($"{File} has rows of {named} and none of an experiment that asked for it", sentence, StringComparison.Ordinal);
        Assert.Contains("put back a copy", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_the_place_of_the_journal_is_not_waited_for()
    {
        OddFiles.Pipe(File);
        Assert.StartsWith($"{File} is a pipe, no database", Assert.Single(JournalReader.Read(File).Faults).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 1, 3 }, 2, "missing")]
    [InlineData(new long[] { 2, 3 }, 1, "missing")]
    [InlineData(new long[] { 1, 2, 2 }, 2, "stands after")]
    [InlineData(new long[] { 1, 0 }, 0, "stands after")]
    public void Rows_that_are_gone_or_out_of_order_are_named(long[] numbers, long row, string what)
    {
        Write(Two, 1, "run-failed/1", Encode(new RunFailed("other", Samples.At)));
        foreach (long number in numbers)
        {
            Write(One, number, "run-claimed/1", Encode(new RunClaimed(number, "host", "cpu", Samples.At)));
        }

        JournalFault fault = Assert.Single(JournalReader.Read(File).Faults);

        Assert.Equal((One, row), (fault.PersistenceId, fault.Sequence));
        Assert.Contains(what, fault.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(null)]
    public void A_row_of_another_serializer_is_refused_whatever_its_manifest(int? serializer)
    {
        Write(One, 1, "run-claimed/1", Encode(new RunClaimed(1, "host", "cpu", Samples.At)), serializer);

        JournalContents contents = JournalReader.Read(File);

        Assert.Empty(contents.Entries);
        Assert.Contains("another serializer", Assert.Single(contents.Faults).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_database_is_named()
    {
        System.IO.File.WriteAllText(File, string.Concat(Enumerable.Repeat("<html>not found</html>\n", 100)));
        Assert.Equal(
            $"{File} is no SQLite database; put back a copy of the file, or choose another directory with --state.",
            Assert.Single(JournalReader.Read(File).Faults).Sentence);
    }

    [Theory]
    [InlineData("CREATE TABLE recipes (name)", "recipes")]
    [InlineData("CREATE TABLE journal (date, text)", "no column")]
    public void A_database_of_something_else_is_named(string schema, string what)
    {
        Execute(schema);
        string sentence = Assert.Single(JournalReader.Read(File).Faults).Sentence;
        Assert.StartsWith(File, sentence, StringComparison.Ordinal);
        Assert.Contains(what, sentence, StringComparison.Ordinal);
    }

    private static byte[] Encode(IJournalEvent e) => JournalManifests.Encode(e);

    private void Write(string id, long sequence, string manifest, byte[] payload, int? serializer = JournalSerializer.SerializerIdentifier) => Execute(
        """
        CREATE TABLE IF NOT EXISTS journal (ordering INTEGER PRIMARY KEY, persistence_id TEXT,
            sequence_number INTEGER, identifier INTEGER, manifest TEXT, message BLOB);
        INSERT INTO journal VALUES (NULL, $id, $sequence, $serializer, $manifest, $message);
        """,
        ("$id", id), ("$sequence", sequence), ("$serializer", (object?)serializer ?? DBNull.Value), ("$manifest", manifest), ("$message", payload));

    private void Execute(string statements, params (string Name, object Value)[] values)
    {
        using SqliteConnection connection = new($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statements;
        foreach ((string name, object value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
