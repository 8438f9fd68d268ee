using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Sweeps;

/// <content>
/// The experiment's account of how its runs ended. The run's own comes first and decides; this one is written after it,
/// with digests of what the run left.
/// </content>
internal sealed partial class Sweep
{
    /// <summary>Ended; what they left is being taken down.</summary>
    private readonly Dictionary<string, SweepProtocol.RunReleased> _ending = [];

    private void OnSealed(RunSealer.Sealed taken)
    {
        if (_ending.Remove(taken.Run, out SweepProtocol.RunReleased? released))
        {
            RecordEnd(released, taken.Left);
        }
    }

    private void RecordEnd(SweepProtocol.RunReleased released, RunSeal? left) => Persist(
        new RunConcluded(released.Run, released.Status, _time.GetUtcNow()) { Seal = left },
        concluded =>
        {
            Apply(concluded);
            Settle(released);
            if (_supervisors.Remove(released.Run, out IActorRef? supervisor))
            {
                Context.Unwatch(supervisor);
                Context.Stop(supervisor);
            }

            Place();
            EndIfDone();
        });

    /// <summary>
    /// Forgets an end that the run's own journal does not tell, or tells otherwise: the run is woken and goes on, or says
    /// how it ended.
    /// </summary>
    private void Reconcile(SweepProtocol.Submit submit)
    {
        if (submit.Runs is not { } own)
        {
            return;
        }

        foreach (PlannedRun run in _experiment!.Runs)
        {
            RunStatus recorded = _status.GetValueOrDefault(run.Run);
            RunStatus told = own.GetValueOrDefault(run.Run);
            if (recorded.IsTerminal() && told != recorded)
            {
                _status.Remove(run.Run);
                _services.Monitor.Tell(new RunNotice(
                    run.Run, run.Name,
                    told.IsTerminal()
                        ? $"the experiment has it as {recorded.Word()}, its own journal as {told.Word()}, which counts"
                        : $"the experiment has it as {recorded.Word()}, but its own journal has no end: it goes on",
                    _time.GetUtcNow()));
            }
        }
    }
}
