using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Cli.Control;

/// <summary>This program: one experiment after the other. What is asked goes to the present one.</summary>
/// <param name="directory">Where everything is kept.</param>
internal sealed class ProgramControl(StateDirectory directory) : IControlHandler
{
    private volatile TaskCompletionSource<ExperimentRunner?> _present = Nothing();

    /// <summary>An experiment is under way.</summary>
    public void Begin(ExperimentRunner runner) => _present.TrySetResult(runner);

    /// <summary>It has ended; what is asked now waits for the next one.</summary>
    public void End() => _present = Nothing();

    /// <summary>There is no next one.</summary>
    public void Close() => _present.TrySetResult(null);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunOutcome>?> ControlAsync(ControlAction action, ControlTarget target, string by) =>
        await _present.Task.ConfigureAwait(false) is { } runner
            ? await runner.ControlAsync(action, target, by).ConfigureAwait(false)
            : null;

    /// <inheritdoc/>
    public IReadOnlyList<RunRow> Runs()
    {
        using var reader = new StateReader(directory);
        return RunRow.All(reader);
    }

    private static TaskCompletionSource<ExperimentRunner?> Nothing() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
