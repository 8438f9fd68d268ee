using System.CommandLine;
using System.Text.Json;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>events RUN</c>: the journal of a run.</summary>
internal static class EventsCommand
{
    public static Command Create()
    {
        Argument<string> run = CommonOptions.Run();
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("events", "Print the journal of a run.") { run, state, json };
        command.SetAction(parsed =>
        {
            using var reader = new StateReader(CommonOptions.Directory(parsed.GetValue(state)));
            RunView view = ShowCommand.Find(
                reader, parsed.GetRequiredValue(run), CommonOptions.Directory(parsed.GetValue(state)));
            EventRow[] rows = [.. reader.Events(view.Run).Select(entry => EventRow.Of(entry.Sequence, entry.Event))];
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(rows);
                return StateFaults.Tell(reader);
            }

            foreach (EventRow row in rows)
            {
                Console.WriteLine($"{row.Sequence,4}  {row.At.ToLocalTime():yyyy-MM-dd HH:mm:ss.fff}  {row.Event,-20} {row.Data.GetRawText()}");
            }

            return StateFaults.Tell(reader);
        });
        return command;
    }
}

/// <summary>A row of <c>events --json</c>.</summary>
/// <param name="Sequence">Position in the run's journal, from 1.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Event">What, without its version: "run-claimed".</param>
/// <param name="Data">The event as it stands in the journal.</param>
internal sealed record EventRow(long Sequence, DateTimeOffset At, string Event, JsonElement Data)
{
    public static EventRow Of(long sequence, IRunEvent journalEvent)
    {
        using JsonDocument data = JsonDocument.Parse(JournalManifests.Encode(journalEvent));
        return new EventRow(
            sequence, journalEvent.At, JournalManifests.Of(journalEvent).Split('/')[0], data.RootElement.Clone());
    }
}
