namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>
/// Judges a state directory in which a sweep should have ended: against the plan, an uninterrupted run and the side log
/// of the trainers.
/// </summary>
internal static class Oracle
{
    private static readonly string[] TerminalStates = ["completed", "diverged", "failed", "stopped"];

    public static async Task<Findings> JudgeAsync(Trial trial, Uninterrupted reference)
    {
        Dictionary<string, string> outcomes = await Uninterrupted.OutcomesAsync(trial.State);
        Dictionary<string, string> steps = Uninterrupted.StepsOf(trial.State);
        List<RunEvent> events = JournalFile.Read(trial.State);
        List<TrainerLog> logs = trial.SideLog;
        ILookup<string, RunEvent> journal = events.ToLookup(e => e.Run);
        ILookup<string, TrainerLog> trained = logs.ToLookup(log => log.Run);
        ILookup<string, string> concluded = JournalFile.Concluded(trial.State).ToLookup(end => end.Run, end => end.State);

        string[] seen =
        [
            .. outcomes.Keys, .. steps.Keys, .. events.Select(e => e.Run), .. logs.Select(log => log.Run),
        ];
        return new Findings(
            [
                .. reference.Runs.Where(run => !IsTerminal(outcomes.GetValueOrDefault(run))
                    || !journal[run].Any(e => e.Terminal)
                    || !concluded[run].Any()),
            ],
            [.. reference.Runs.Where(run => IsDuplicated([.. journal[run]], trained[run]) || concluded[run].Count() > 1)],
            [.. seen.Distinct().Where(run => !reference.Runs.Contains(run))],
            [
                .. reference.Runs.Where(run =>
                    outcomes.GetValueOrDefault(run) != reference.Outcomes[run]
                    || steps.GetValueOrDefault(run) != reference.Steps[run]),
            ],
            SideLog.Reexecuted(logs),
            [.. logs.SelectMany(log => log.Starts.Where(start => !Begins.At(journal[log.Run], log).Contains(start))
                .Select(start => $"run {log.Run}, attempt {log.Attempt}, claim {log.Epoch}: from step {start}, not {string.Join(" or ", Begins.At(journal[log.Run], log))}"))],
            logs.SelectMany(log => log.Slices).Select(slice => slice.To - slice.From).DefaultIfEmpty().Max(),
            trial.Folder);
    }

    private static bool IsTerminal(string? outcome) => outcome is not null && TerminalStates.Contains(outcome.Split(' ')[0]);

    /// <summary>
    /// Ended twice, claimed again after its end, or trained after its end by a trainer that was not given up before: one
    /// of an older claim may not have heard yet that its word counts for nothing.
    /// </summary>
    private static bool IsDuplicated(RunEvent[] events, IEnumerable<TrainerLog> logs)
    {
        int end = Array.FindIndex(events, e => e.Terminal);
        if (end < 0)
        {
            return false;
        }

        int epoch = events[..end].Where(e => e.Kind == "run-claimed").Select(e => e.Data.GetProperty("epoch").GetInt32()).Last();
        return events[(end + 1)..].Any(e => e.Terminal || e.Kind is "run-claimed" or "attempt-started" or "snapshot-committed")
            || logs.Any(log => log.Epoch > epoch || (log.Epoch == epoch && log.Written > events[end].At));
    }
}
