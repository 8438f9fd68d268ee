using CurvatureActors.Actors.Journal;

namespace CurvatureActors.Actors.Runs;

/// <content>Pausing and ending on request.</content>
internal sealed partial class RunSupervisor
{
    private bool _pausing;
    private bool _cancelled;
    private string? _askedBy;

    private void OnPause(Pause pause)
    {
        _askedBy = pause.By ?? _askedBy;
        // Without a device the run has said so already; saying it twice could take a new device from it.
        _pausing = true;
        _trainer?.Tell(PauseTrainer.Instance, Self);
    }

    private void OnCancel(Cancel cancel)
    {
        _askedBy = cancel.By ?? _askedBy;
        if (_state.Status.IsTerminal())
        {
            Release();
        }
        else if (_order is null)
        {
            // It waits for a device, or for the curvature that a remedy wants: nothing is trained that could be saved.
            ConcludeStopped();
        }
        else
        {
            _cancelled = true;
            _pausing = true;
            _trainer?.Tell(PauseTrainer.Instance, Self);
        }
    }

    /// <summary>The trainer has let go, or none is started any more.</summary>
    private void ConcludePaused(int step)
    {
        if (_cancelled)
        {
            ConcludeStopped();
        }
        else
        {
            Conclude(new RunPaused(step, Now) { By = _askedBy }, $"paused at step {step}{Asked}");
        }
    }

    private void ConcludeStopped()
    {
        int step = _state.NewestSnapshot?.Step ?? 0;
        Conclude(new RunStopped(step, Now) { By = _askedBy }, $"stopped for good at step {step}{Asked}");
    }

    private string Asked => _askedBy is null ? "" : $", asked for by {_askedBy}";

    /// <summary>From the sweep: make a snapshot and let go of the device.</summary>
    /// <param name="By">Who asked for it; null for the program itself.</param>
    public sealed record Pause(string? By = null);

    /// <summary>From the sweep: end for good, with a snapshot if it is trained.</summary>
    /// <param name="By">Who asked for it; null when that is not known.</param>
    public sealed record Cancel(string? By = null);
}
