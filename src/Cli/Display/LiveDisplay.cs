using System.Threading.Channels;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CurvatureActors.Cli.Display;

/// <summary>A table that is redrawn in place, one row a run, with the latest notices under it.</summary>
internal sealed class LiveDisplay(ExperimentSpecification experiment) : IRunDisplay
{
    private const int NoticesShown = 6;

    /// <summary>Beyond so many varied keys the run's name takes one column instead of one column a key.</summary>
    private const int MostVariedColumns = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Columns =
        ["state", "step", "loss", "accuracy", "rate", "lambda1", "stability", "restarts", "device", "left"];

    private readonly string[] _varied = VariedKeys(experiment);
    private readonly Dictionary<string, RunProgress> _progress = [];
    private readonly Dictionary<string, Pace> _pace = [];
    private readonly Queue<INotice> _notices = new();

    /// <inheritdoc/>
    public Task ShowAsync(ChannelReader<IMonitorEvent> events, CancellationToken ended) => AnsiConsole.Live(Draw())
        .AutoClear(false)
        .Overflow(VerticalOverflow.Ellipsis)
        .StartAsync(async live =>
        {
            while (!ended.IsCancellationRequested)
            {
                try
                {
                    await Task.Delay(Interval, ended).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // Ended: draw the last state once more.
                }

                while (events.TryRead(out IMonitorEvent? monitorEvent))
                {
                    Take(monitorEvent);
                }

                live.UpdateTarget(Draw());
            }
        });

    private static string[] VariedKeys(ExperimentSpecification experiment)
    {
        string[] keys = [.. experiment.Runs.SelectMany(run => run.Parameters.Keys).Distinct()];
        return keys.Length <= MostVariedColumns ? keys : [];
    }

    private void Take(IMonitorEvent monitorEvent)
    {
        switch (monitorEvent)
        {
            case RunProgress progress:
                _progress[progress.Run] = progress;
                if (progress.Status == RunStatus.Running)
                {
                    _pace.TryAdd(progress.Run, new Pace());
                    _pace[progress.Run].Observe(progress.Attempt, progress.Step);
                }

                break;
            case INotice notice:
                _notices.Enqueue(notice);
                if (_notices.Count > NoticesShown)
                {
                    _notices.Dequeue();
                }

                break;
        }
    }

    private Rows Draw()
    {
        var table = new Table { Border = TableBorder.Rounded, Expand = true };
        table.Title = new TableTitle($"{Shown(experiment.Name)}  [grey]Ctrl-C pauses, the same command goes on[/]");
        IEnumerable<string> name = _varied.Length == 0 ? ["run"] : _varied.Select(key => key.Split('.')[^1]);
        foreach (string column in name)
        {
            table.AddColumn(new TableColumn($"[bold]{Shown(column).Replace('-', '\n')}[/]"));
        }

        foreach (string column in Columns)
        {
            table.AddColumn(new TableColumn($"[bold]{column}[/]") { NoWrap = true });
        }

        foreach (PlannedRun run in experiment.Runs)
        {
            table.AddRow([.. Name(run).Select(text => new Markup(Shown(text))), .. Cells(run)]);
        }

        IEnumerable<IRenderable> notices = _notices.Select(notice => new Markup(
            $"[grey]{notice.At.ToLocalTime():HH:mm:ss}[/] [bold]{Shown(notice.Name)}[/] {Shown(notice.Text)}"));
        return new Rows([table, .. notices]);
    }

    private IEnumerable<string> Name(PlannedRun run) =>
        _varied.Length == 0 ? [run.Name] : _varied.Select(key => run.Parameters.GetValueOrDefault(key, Numbers.Missing));

    private IEnumerable<Markup> Cells(PlannedRun run)
    {
        string[] cells = !_progress.TryGetValue(run.Run, out RunProgress? progress)
            ? ["[grey]waiting[/]", .. Enumerable.Repeat("", Columns.Length - 1)]
            :
            [
                $"[{Colour(progress.Status)}]{progress.Status.Word()}[/]",
                Numbers.Place(progress),
                Numbers.Short(progress.Loss),
                Numbers.Percent(progress.Accuracy),
                Numbers.Short(progress.LearningRate),
                Lambda1(progress),
                Gauge(progress.StabilityRatio),
                progress.Restarts > 0 ? $"[yellow]{progress.Restarts}/{progress.RestartBudget}[/]" : $"0/{progress.RestartBudget}",
                Shown(progress.Device ?? Numbers.Missing),
                Numbers.Duration(progress.Status == RunStatus.Running ? _pace[run.Run].TimeFor(progress.Steps - progress.Step) : null),
            ];
        return cells.Select(cell => new Markup(cell));
    }

    /// <summary>The value with its residual and how many steps old it is; a question mark where it did not converge.</summary>
    private static string Lambda1(RunProgress progress)
    {
        if (progress.Lambda1 is null)
        {
            return Numbers.Missing;
        }

        int age = Math.Max(0, progress.Step - progress.Lambda1Step!.Value);
        string value = Numbers.WithError(progress.Lambda1, progress.Lambda1Residual);
        return (progress.Lambda1Converged ? value : $"[yellow]{value}?[/]") + (age > 0 ? $" [grey]{age} old[/]" : "");
    }

    /// <summary>Half of the bar is the edge of stability; beyond it the bar is red.</summary>
    private static string Gauge(double? ratio)
    {
        const int Cells = 10;
        if (ratio is not { } value || !double.IsFinite(value))
        {
            return Numbers.Missing;
        }

        int filled = Math.Clamp((int)Math.Ceiling(value * Cells / 2), 0, Cells);
        string colour = value switch { < 0.8 => "green", < 1.05 => "yellow", _ => "red" };
        return $"[{colour}]{new string('█', filled)}[/][grey]{new string('░', Cells - filled)}[/] {Numbers.Short(Math.Round(value, 2))}";
    }

    /// <summary>Text of the experiment within markup.</summary>
    private static string Shown(string text) => Markup.Escape(DisplayText.Line(text));

    private static string Colour(RunStatus status) => status switch
    {
        RunStatus.Running => "blue",
        RunStatus.Recovering => "yellow",
        RunStatus.Completed => "green",
        RunStatus.Diverged or RunStatus.Failed => "red",
        _ => "grey",
    };
}
