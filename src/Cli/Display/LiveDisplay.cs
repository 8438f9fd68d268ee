using System.Diagnostics;
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
    private const int NoticesShown = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, RunProgress> _progress = [];
    private readonly Dictionary<string, (long At, int Step)> _started = [];
    private readonly Queue<RunNotice> _notices = new();

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

    private void Take(IMonitorEvent monitorEvent)
    {
        switch (monitorEvent)
        {
            case RunProgress progress:
                if (progress.Status == RunStatus.Running
                    && (!_progress.TryGetValue(progress.Run, out RunProgress? before)
                        || before.Status != RunStatus.Running || before.Attempt != progress.Attempt))
                {
                    _started[progress.Run] = (Stopwatch.GetTimestamp(), progress.Step);
                }

                _progress[progress.Run] = progress;
                break;
            case RunNotice notice:
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
        table.Title = new TableTitle($"{Markup.Escape(experiment.Name)}  [grey]Ctrl-C pauses, the same command goes on[/]");
        foreach (string column in (string[])["run", "state", "step", "loss", "accuracy", "rate", "lambda1", "stability", "restarts", "device", "left"])
        {
            table.AddColumn(new TableColumn($"[bold]{column}[/]") { NoWrap = column is not "run" });
        }

        foreach (PlannedRun run in experiment.Runs)
        {
            table.AddRow(Row(run));
        }

        IEnumerable<IRenderable> notices = _notices.Select(notice => new Markup(
            $"[grey]{notice.At.ToLocalTime():HH:mm:ss}[/] [bold]{Markup.Escape(notice.Name)}[/] {Markup.Escape(notice.Text)}"));
        return new Rows([table, .. notices]);
    }

    private Markup[] Row(PlannedRun run)
    {
        if (!_progress.TryGetValue(run.Run, out RunProgress? progress))
        {
            return [new(Markup.Escape(run.Name)), new("[grey]waiting[/]"), .. Enumerable.Repeat(new Markup(""), 9)];
        }

        return
        [
            new(Markup.Escape(run.Name)),
            new($"[{Colour(progress.Status)}]{progress.Status.Word()}[/]"),
            new($"{progress.Step}/{progress.Steps}"),
            new(Numbers.Short(progress.Loss)),
            new(Numbers.Percent(progress.Accuracy)),
            new(Numbers.Short(progress.LearningRate)),
            new(Lambda1(progress)),
            new(Gauge(progress.StabilityRatio)),
            new($"{progress.Restarts}/{progress.RestartBudget}"),
            new(Markup.Escape(progress.Device ?? Numbers.Missing)),
            new(Numbers.Duration(TimeLeft(progress))),
        ];
    }

    private static string Lambda1(RunProgress progress)
    {
        if (progress.Lambda1 is null)
        {
            return Numbers.Missing;
        }

        int age = Math.Max(0, progress.Step - progress.Lambda1Step!.Value);
        string value = Numbers.WithError(progress.Lambda1, progress.Lambda1Residual);
        return $"{(progress.Lambda1Converged ? value : $"[yellow]{value}?[/]")} [grey]{age} ago[/]";
    }

    /// <summary>Half of the bar is the edge of stability; beyond it the bar is red.</summary>
    private static string Gauge(double? ratio)
    {
        const int Cells = 10;
        if (ratio is not { } value || !double.IsFinite(value))
        {
            return Numbers.Missing;
        }

        int filled = Math.Clamp((int)Math.Round(value * Cells / 2), 0, Cells);
        string colour = value switch { < 0.8 => "green", < 1.05 => "yellow", _ => "red" };
        return $"[{colour}]{new string('█', filled)}[/][grey]{new string('░', Cells - filled)}[/] {value:f2}";
    }

    private TimeSpan? TimeLeft(RunProgress progress)
    {
        if (progress.Status != RunStatus.Running
            || !_started.TryGetValue(progress.Run, out (long At, int Step) start)
            || progress.Step <= start.Step)
        {
            return null;
        }

        return Stopwatch.GetElapsedTime(start.At) * ((double)(progress.Steps - progress.Step) / (progress.Step - start.Step));
    }

    private static string Colour(RunStatus status) => status switch
    {
        RunStatus.Running => "blue",
        RunStatus.Recovering => "yellow",
        RunStatus.Completed => "green",
        RunStatus.Diverged or RunStatus.Failed => "red",
        _ => "grey",
    };
}
