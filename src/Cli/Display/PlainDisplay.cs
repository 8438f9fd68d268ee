using System.Threading.Channels;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli.Display;

/// <summary>One line for each notice and each change of state, and one every few seconds for each run at work.</summary>
internal sealed class PlainDisplay(TextWriter output) : IRunDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (RunStatus Status, DateTime At)> _shown = [];

    /// <inheritdoc/>
    public async Task ShowAsync(ChannelReader<IMonitorEvent> events, CancellationToken ended)
    {
        try
        {
            await foreach (IMonitorEvent monitorEvent in events.ReadAllAsync(ended).ConfigureAwait(false))
            {
                Show(monitorEvent);
            }
        }
        catch (OperationCanceledException)
        {
            while (events.TryRead(out IMonitorEvent? monitorEvent))
            {
                Show(monitorEvent);
            }
        }
    }

    private void Show(IMonitorEvent monitorEvent)
    {
        switch (monitorEvent)
        {
            case RunNotice notice:
                Write($"{notice.At.ToLocalTime():HH:mm:ss} {notice.Run} [{notice.Name}] {notice.Text}");
                break;
            case WorkerNotice notice:
                Write($"{notice.At.ToLocalTime():HH:mm:ss} {notice.Name} {notice.Text}");
                break;
            case RunProgress progress when IsWorthALine(progress):
                _shown[progress.Run] = (progress.Status, DateTime.UtcNow);
                Write(Line(progress));
                break;
        }
    }

    private void Write(string line) => output.WriteLine(DisplayText.Line(line));

    private bool IsWorthALine(RunProgress progress) =>
        progress.Status == RunStatus.Running
        && (!_shown.TryGetValue(progress.Run, out (RunStatus Status, DateTime At) last)
            || last.Status != progress.Status
            || DateTime.UtcNow - last.At >= Interval);

    private static string Line(RunProgress progress) =>
        $"{DateTime.Now:HH:mm:ss} {progress.Run} [{progress.Name}] {progress.Status.Word()} on {progress.Device}: "
        + (progress.Phase is null ? Training(progress) : Numbers.Place(progress))
        + $", restarts {progress.Restarts}/{progress.RestartBudget}";

    private static string Training(RunProgress progress) =>
        $"step {Numbers.Place(progress)}, loss {Numbers.Short(progress.Loss)}, "
        + $"accuracy {Numbers.Percent(progress.Accuracy)}, rate {Numbers.Short(progress.LearningRate)}, "
        + $"lambda1 {Numbers.WithError(progress.Lambda1, progress.Lambda1Residual)}"
        + (progress.Lambda1Step is { } step ? $" at step {step}" : "")
        + $", stability ratio {Numbers.Short(progress.StabilityRatio)}";
}
