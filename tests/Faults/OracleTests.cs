using CurvatureActors.Faults.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Faults.Tests;

/// <summary>An oracle that never objects proves nothing: it is shown each kind of thing it must find.</summary>
public sealed class OracleTests
{
    [Fact]
    public async Task Given_a_tampered_state_directory_then_the_oracle_names_the_run()
    {
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Healthy);
        var tally = new Tally("oracle", seed: 0, _ => { });
        using var finished = new Trial(reference.Text);
        await finished.FinishAsync(reference, tally);
        Assert.True(tally.Result().Clean, string.Join('\n', tally.Result().Problems));
        string run = reference.Runs.First();

        Assert.Equal([run], (await JudgeAsync("journal.db", $"DELETE FROM journal WHERE persistence_id = 'run-{run}' AND manifest = 'run-completed/1'")).Lost);
        Assert.Equal([run], (await JudgeAsync("journal.db", $"DELETE FROM journal WHERE manifest = 'run-concluded/1' AND instr(message, '{run}') > 0")).Lost);
        Assert.Equal([run], (await JudgeAsync("journal.db", Again(run, "run-completed/1"))).Duplicated);
        Assert.Equal([run], (await JudgeAsync("journal.db", ConcludedAgain(run))).Duplicated);
        Assert.Equal([run], (await JudgeAsync("journal.db", Again(run, "run-claimed/1"))).Duplicated);
        Assert.Equal(["unknown"], (await JudgeAsync("journal.db", Again(run, "run-claimed/1", "unknown"))).Unexpected);
        Assert.Equal([run], (await JudgeAsync("telemetry.db", $"UPDATE steps SET loss = loss * (1 + 1e-15) WHERE run = '{run}' AND step = 30")).Differing);
        Assert.Equal([run], (await JudgeAsync("telemetry.db", $"DELETE FROM steps WHERE run = '{run}' AND step = 59")).Differing);
        Assert.Equal([run], (await LogAsync($"{run}-2-1-1.log", "start 50\nsteps 50 60\nend AttemptFinished 60\n")).Duplicated);
        Assert.Equal(["unknown"], (await LogAsync("unknown-1-1-1.log", "start 0\n")).Unexpected);
        Assert.Empty((await LogAsync("unknown-1-1-1.log", "")).Elsewhere);
        Assert.Contains(run, Assert.Single((await LogAsync($"{run}-1-1-7.log", "start 20\n")).Elsewhere), StringComparison.Ordinal);
        Assert.Empty((await LogAsync($"{run}-1-1-7.log", "start 0\n")).Elsewhere);
        Assert.Equal([10], (await LogAsync($"{run}-2-1-1.log", "start 50\nsteps 50 60\nsteps 60 6")).Reexecuted);

        async Task<Findings> JudgeAsync(string database, string statement)
        {
            using var trial = new Trial(finished);
            using (SqliteConnection connection = JournalFile.Open(Path.Combine(trial.State, database), SqliteOpenMode.ReadWrite))
            {
                JournalFile.Execute(connection, statement);
            }

            return await Oracle.JudgeAsync(trial, reference);
        }

        async Task<Findings> LogAsync(string file, string text)
        {
            using var trial = new Trial(finished);
            File.WriteAllText(Path.Combine(trial.Audit, file), text);
            return await Oracle.JudgeAsync(trial, reference);
        }
    }

    /// <summary>Has the experiment note the end of a run once more.</summary>
    private static string ConcludedAgain(string run) =>
        $"""
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
        SELECT created, deleted, persistence_id, 1000, message, manifest, identifier, writer_uuid
        FROM journal WHERE manifest = 'run-concluded/1' AND instr(message, '{run}') > 0
        """;

    /// <summary>Writes an event of a run once more, after all others.</summary>
    private static string Again(string run, string manifest, string? underTheName = null) =>
        $"""
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
        SELECT created, deleted, 'run-{underTheName ?? run}', 1000, message, manifest, identifier, writer_uuid
        FROM journal WHERE persistence_id = 'run-{run}' AND manifest = '{manifest}'
        """;
}
