using Akka.Actor;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Runs;

/// <content>Whether the trainer that was asked for is there and at work.</content>
internal sealed partial class RunSupervisor
{
    /// <summary>A step is slow for many reasons; one that takes so many times longer than any before it hangs.</summary>
    private const int SlowestSlices = 20;

    /// <summary>After so many checks without a trainer the order is sent again: messages between processes can be lost.</summary>
    private const int ChecksBeforeRepeat = 3;

    private long _heardAt;
    private TimeSpan _slowestSlice;
    private int _checks;

    private TimeSpan HangAfter => _slowestSlice * SlowestSlices > _policy.HangAfter
        ? _slowestSlice * SlowestSlices
        : _policy.HangAfter;

    private void WatchTrainer()
    {
        _checks = 0;
        _slowestSlice = TimeSpan.Zero;
        var interval = TimeSpan.FromSeconds(Math.Clamp(_policy.HangAfter.TotalSeconds / 10, 0.2, 5));
        Timers.StartPeriodicTimer(CheckTrainer.Instance, CheckTrainer.Instance, interval);
    }

    private void OnCheckTrainer()
    {
        if (_order is null)
        {
            return;
        }

        if (_trainer is null)
        {
            // A device that has the trainer already says so again.
            if (++_checks % ChecksBeforeRepeat == 0)
            {
                _slot.Tell(_order);
            }

            return;
        }

        TimeSpan silence = _time.GetElapsedTime(_heardAt);
        if (silence <= HangAfter)
        {
            _trainer.Tell(AreYouAlive.Instance);
            return;
        }

        string reason = $"its trainer hangs: no word for {silence.TotalSeconds:f0} s, "
            + $"and its slowest slice of steps took {_slowestSlice.TotalSeconds:f1} s";
        Context.Parent.Tell(new SweepProtocol.DeviceHung(_slot!, reason));
        TrainerIsDone();
        OnTrainerLost(reason, userCode: false);
    }

    private void OnTrainerAlive(TrainerAlive alive)
    {
        if (alive.Epoch == _state.Epoch)
        {
            _heardAt = _time.GetTimestamp();
            _slowestSlice = alive.SlowestSlice;
        }
    }

    private sealed record CheckTrainer : INotInfluenceReceiveTimeout
    {
        public static CheckTrainer Instance { get; } = new();
    }
}
