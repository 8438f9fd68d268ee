using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Wire;

namespace CurvatureActors.Actors.Sweeps;

/// <summary>Messages of the <see cref="Sweep"/>.</summary>
internal static class SweepProtocol
{
    /// <summary>Run this experiment, or what is left of it. Answered by <see cref="Ended"/>.</summary>
    public sealed record Submit(ExperimentSpecification Experiment) : INoSerializationVerificationNeeded
    {
        /// <summary>
        /// How the runs' own journals say they stand; a run that is not there is pending. Null: what the experiment's
        /// journal says of their ends is not checked.
        /// </summary>
        public IReadOnlyDictionary<string, RunStatus>? Runs { get; init; }

        /// <summary>What is to be said before it begins, in one sentence; null for nothing.</summary>
        public string? Notice { get; init; }
    }

    /// <summary>All runs ended, or the experiment was interrupted.</summary>
    public sealed record Ended(bool Interrupted, IReadOnlyDictionary<string, RunStatus> Runs) : INoSerializationVerificationNeeded;

    /// <summary>Asked and answered: the sweep has read its journal and hears what it is told.</summary>
    public sealed record Recovered : INoSerializationVerificationNeeded;

    /// <summary>Pause what runs, start nothing new.</summary>
    public sealed record Interrupt : INoSerializationVerificationNeeded;

    /// <summary>A device is there. Sent again and again; the sweep knows each by its reference.</summary>
    /// <param name="Node">Node that it belongs to.</param>
    /// <param name="Device">The device.</param>
    /// <param name="Slot">Its <see cref="Devices.DeviceSlot"/>.</param>
    /// <param name="Processor">Kind of the node's processor, in words; null when it is not known.</param>
    public sealed record RegisterDevice(string Node, string Device, IActorRef Slot, string? Processor = null) : IWireMessage;

    /// <summary>From a run's supervisor: the run needs its device no more.</summary>
    /// <param name="Run">Identity.</param>
    /// <param name="Status">A terminal state, or paused, or pending when the run has to be placed again.</param>
    /// <param name="NotBefore">How long to wait before placing it again.</param>
    /// <param name="Step">Step of its newest snapshot; 0 before the first.</param>
    public sealed record RunReleased(string Run, RunStatus Status, TimeSpan NotBefore, int Step = 0);

    /// <summary>Do this to a run or to the experiment. Answered by <see cref="Controlled"/> once it is done.</summary>
    /// <param name="Action">What.</param>
    /// <param name="Target">Whom it is about.</param>
    /// <param name="By">Who asked for it, for the journal; null when that is not known.</param>
    public sealed record Control(ControlAction Action, ControlTarget Target, string? By = null) : INoSerializationVerificationNeeded;

    /// <summary>What was done, in the order of the experiment.</summary>
    /// <param name="Found">Whether there is such a target.</param>
    /// <param name="Runs">Each run that it was about.</param>
    public sealed record Controlled(bool Found, IReadOnlyList<RunOutcome> Runs) : INoSerializationVerificationNeeded;

    /// <summary>From the pool of workers: this one's process has ended, and its devices with it.</summary>
    public sealed record NodeLost(string Node, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>From a run's supervisor: the trainer on this device hangs; the device is of no use any more.</summary>
    public sealed record DeviceHung(IActorRef Slot, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>From the sweep to itself: a run that had to wait may be placed.</summary>
    /// <param name="Run">Identity.</param>
    public sealed record RetryRun(string Run) : INoSerializationVerificationNeeded;
}
