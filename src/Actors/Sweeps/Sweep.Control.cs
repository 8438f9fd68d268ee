using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Sweeps;

/// <content>
/// Control from outside. What is held or left out is not in the journal: another program, or this one started again,
/// continues everything that is not terminal.
/// </content>
internal sealed partial class Sweep
{
    /// <summary>An answer waits so long for what it asked for to be done.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Paused on request, or to be so once the trainer has let go.</summary>
    private readonly HashSet<string> _held = [];

    /// <summary>Not started any more by this program.</summary>
    private readonly HashSet<string> _leftOut = [];

    /// <summary>Cancelled, and not yet terminal; with who asked for it.</summary>
    private readonly Dictionary<string, string?> _cancelled = [];

    private readonly List<PendingAnswer> _unanswered = [];

    private bool IsHeldBack(string run) => _held.Contains(run) || _leftOut.Contains(run) || _cancelled.ContainsKey(run);

    private bool NothingMoreToStart => _submitted && _experiment!.Runs.All(run =>
        _status.GetValueOrDefault(run.Run).IsTerminal() || _leftOut.Contains(run.Run));

    private void OnControl(SweepProtocol.Control control)
    {
        if (!_submitted)
        {
            Stash.Stash();
            return;
        }

        IReadOnlyList<PlannedRun> runs = RunsOf(control.Target);
        if (runs.Count == 0)
        {
            Sender.Tell(new SweepProtocol.Controlled(false, []));
            return;
        }

        var answer = new PendingAnswer(Sender, control.Action, runs);
        foreach (PlannedRun run in runs)
        {
            if (Act(control, run) is { } done)
            {
                answer.Messages[run.Run] = done;
            }
        }

        Place();
        if (answer.Complete)
        {
            Answer(answer);
        }
        else
        {
            _unanswered.Add(answer);
            Timers.StartSingleTimer(answer, new ControlOverdue(answer), LongestWait);
        }

        EndIfDone();
    }

    private IReadOnlyList<PlannedRun> RunsOf(ControlTarget target)
    {
        IReadOnlyList<PlannedRun> runs = _experiment!.Runs;
        if (target.Experiment)
        {
            return target.Text == _experiment.Name ? runs : [];
        }

        return RunLookup.Find(runs, target.Text, run => run.Run, run => run.Name) is { } found ? [found] : [];
    }

    /// <summary>Does it, or begins to.</summary>
    /// <returns>What was done; null when that is to be seen.</returns>
    private string? Act(SweepProtocol.Control control, PlannedRun run)
    {
        ControlAction action = control.Action;
        RunStatus status = _status.GetValueOrDefault(run.Run);
        if (status.IsTerminal())
        {
            return $"nothing to do, it is already {status.Word()}";
        }

        if (_cancelled.ContainsKey(run.Run))
        {
            return action == ControlAction.Cancel ? null : "nothing to do, it is being cancelled";
        }

        if (_interrupted && action != ControlAction.Cancel)
        {
            return "nothing to do, the program is ending; `curvature resume` goes on";
        }

        return action switch
        {
            ControlAction.Pause => Hold(run, status, control.By),
            ControlAction.Continue => LetGo(run, status),
            ControlAction.Stop => LeaveOut(run, status),
            _ => Cancel(run, control.By),
        };
    }

    private string? Hold(PlannedRun run, RunStatus status, string? by)
    {
        if (_leftOut.Contains(run.Run))
        {
            return "nothing to do, this program will not start it";
        }

        bool added = _held.Add(run.Run);
        if (status == RunStatus.Running)
        {
            if (added)
            {
                Supervisor(run).Tell(new RunSupervisor.Pause(by));
            }

            return null;
        }

        string state = status == RunStatus.Paused ? "paused" : "held";
        return added
            ? Noted(run, $"{state}, it goes on only when it is continued")
            : $"nothing to do, it is already {state}";
    }

    private string LetGo(PlannedRun run, RunStatus status)
    {
        bool held = _held.Remove(run.Run);
        bool leftOut = _leftOut.Remove(run.Run);
        return !held && !leftOut ? $"nothing to do, it is neither paused nor held but {status.Word()}"
            : status == RunStatus.Running ? Noted(run, "continued, it goes on as soon as it has paused")
            : Noted(run, "continued, it goes on as soon as a device is free");
    }

    private string LeaveOut(PlannedRun run, RunStatus status)
    {
        if (status == RunStatus.Running && !_held.Contains(run.Run))
        {
            return "running, it will finish";
        }

        _held.Remove(run.Run);
        return _leftOut.Add(run.Run)
            ? Noted(run, $"stays {(status == RunStatus.Pending ? "pending" : "paused")}, this program will not start it")
            : "nothing to do, this program will not start it already";
    }

    private string? Cancel(PlannedRun run, string? by)
    {
        _held.Remove(run.Run);
        _leftOut.Remove(run.Run);
        _cancelled[run.Run] = by;
        Supervisor(run).Tell(new RunSupervisor.Cancel(by));
        return null;
    }

    private string Noted(PlannedRun run, string message)
    {
        _services.Monitor.Tell(new RunNotice(run.Run, run.Name, message, _time.GetUtcNow()));
        return message;
    }

    /// <summary>A run has let go of its device or has ended; who waits for that is told.</summary>
    private void Settle(SweepProtocol.RunReleased released)
    {
        bool terminal = released.Status.IsTerminal();
        if (terminal)
        {
            _held.Remove(released.Run);
            _leftOut.Remove(released.Run);
            _cancelled.Remove(released.Run);
        }
        else if (_cancelled.TryGetValue(released.Run, out string? by))
        {
            // Its trainer or its supervisor was lost before it could end; now nothing is trained any more.
            Supervisor(_experiment!.Runs.First(run => run.Run == released.Run)).Tell(new RunSupervisor.Cancel(by));
            return;
        }

        foreach (PendingAnswer answer in _unanswered.Where(answer => answer.WaitsFor(released.Run)).ToArray())
        {
            string wanted = answer.Action == ControlAction.Pause ? "paused" : "cancelled";
            answer.Messages[released.Run] = released.Status switch
            {
                RunStatus.Paused => $"paused at step {released.Step}",
                RunStatus.Stopped when answer.Action == ControlAction.Cancel => $"stopped for good at step {released.Step}",
                _ when terminal => $"{released.Status.Word()} before it could be {wanted}",
                _ => $"lost its trainer and is held at step {released.Step}",
            };
            if (answer.Complete)
            {
                Answer(answer);
            }
        }
    }

    private void OnControlOverdue(ControlOverdue overdue) => Answer(overdue.Answer);

    private void AnswerAll()
    {
        foreach (PendingAnswer answer in _unanswered.ToArray())
        {
            Answer(answer);
        }
    }

    private void Answer(PendingAnswer answer)
    {
        _unanswered.Remove(answer);
        Timers.Cancel(answer);
        string notYet = answer.Action == ControlAction.Pause ? "asked to pause, but it has not paused yet" : "asked to end, but it has not ended yet";
        answer.Client.Tell(new SweepProtocol.Controlled(true,
        [
            .. answer.Runs.Select(run => new RunOutcome(
                run.Run, run.Name, _status.GetValueOrDefault(run.Run), answer.Messages.GetValueOrDefault(run.Run, notYet))),
        ]));
    }

    private sealed record ControlOverdue(PendingAnswer Answer) : INoSerializationVerificationNeeded;

    /// <summary>Who asked for what, and what came of it so far.</summary>
    private sealed class PendingAnswer(IActorRef client, ControlAction action, IReadOnlyList<PlannedRun> runs)
    {
        public IActorRef Client { get; } = client;

        public ControlAction Action { get; } = action;

        public IReadOnlyList<PlannedRun> Runs { get; } = runs;

        public Dictionary<string, string> Messages { get; } = [];

        public bool Complete => Messages.Count == Runs.Count;

        public bool WaitsFor(string run) => !Messages.ContainsKey(run) && Runs.Any(planned => planned.Run == run);
    }
}
