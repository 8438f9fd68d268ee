using CurvatureActors.Actors.Journal;

namespace CurvatureActors.Actors.Runs;

/// <content>Pausing and ending on request.</content>
internal sealed partial class RunSupervisor
{
    private bool _pausing;
    private bool _cancelled;

    private void OnPause()
    {
        // Without a device the run has said so already; saying it twice could take a new device from it.
        _pausing = true;
        _trainer?.Tell(PauseTrainer.Instance, Self);
    }

    private void OnCancel()
    {
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
            Conclude(new RunPaused(step, Now), $"paused at step {step}");
        }
    }

    private void ConcludeStopped()
    {
        int step = _state.NewestSnapshot?.Step ?? 0;
        Conclude(new RunStopped(step, Now), $"stopped for good at step {step}");
    }

    /// <summary>From the sweep: make a snapshot and let go of the device.</summary>
    public sealed record Pause
    {
        public static Pause Instance { get; } = new();
    }

    /// <summary>From the sweep: end for good, with a snapshot if it is trained.</summary>
    public sealed record Cancel
    {
        public static Cancel Instance { get; } = new();
    }
}
