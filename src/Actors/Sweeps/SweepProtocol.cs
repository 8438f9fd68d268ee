using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Wire;

namespace CurvatureActors.Actors.Sweeps;

/// <summary>Messages of the <see cref="Sweep"/>.</summary>
internal static class SweepProtocol
{
    /// <summary>Run this experiment, or what is left of it. Answered by <see cref="Ended"/>.</summary>
    public sealed record Submit(ExperimentSpecification Experiment) : INoSerializationVerificationNeeded;

    /// <summary>All runs ended, or the experiment was interrupted.</summary>
    public sealed record Ended(bool Interrupted, IReadOnlyDictionary<string, RunStatus> Runs) : INoSerializationVerificationNeeded;

    /// <summary>Pause what runs, start nothing new.</summary>
    public sealed record Interrupt : INoSerializationVerificationNeeded;

    /// <summary>A device is there. Sent again and again; the sweep knows each by its reference.</summary>
    public sealed record RegisterDevice(string Node, string Device, IActorRef Slot) : IWireMessage;

    /// <summary>From a run's supervisor: the run needs its device no more.</summary>
    /// <param name="Run">Identity.</param>
    /// <param name="Status">A terminal state, or paused, or pending when the run has to be placed again.</param>
    /// <param name="NotBefore">How long to wait before placing it again.</param>
    public sealed record RunReleased(string Run, RunStatus Status, TimeSpan NotBefore);

    /// <summary>From a run's supervisor: the trainer on this device hangs; the device is of no use any more.</summary>
    public sealed record DeviceHung(IActorRef Slot, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>From the sweep to itself: a run that had to wait may be placed.</summary>
    /// <param name="Run">Identity.</param>
    public sealed record RetryRun(string Run) : INoSerializationVerificationNeeded;
}
