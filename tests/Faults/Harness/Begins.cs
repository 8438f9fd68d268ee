namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>
/// Where a trainer may begin by the journal: at the newest snapshot that was committed when its run was claimed for it, or
/// its attempt decided. So a kill costs the steps since then and none more, on a machine of any speed: how far behind a
/// training the commits are is the machine's matter.
/// </summary>
internal static class Begins
{
    /// <summary>The steps; one, unless the trainer was told again after a further commit.</summary>
    public static IReadOnlySet<int> At(IEnumerable<RunEvent> events, TrainerLog trainer)
    {
        List<int> committed = [];
        HashSet<int> begins = [];
        (int claim, int attempt) = (0, 0);
        foreach (RunEvent e in events)
        {
            switch (e.Kind)
            {
                case "run-claimed":
                    claim = e.Data.GetProperty("epoch").GetInt32();
                    break;
                case "attempt-started":
                    attempt = e.Data.GetProperty("attempt").GetInt32();
                    committed.RemoveAll(step => step > e.Data.GetProperty("fromStep").GetInt32());
                    break;
                case "snapshot-committed":
                    committed.Add(e.Data.GetProperty("step").GetInt32());
                    continue;
                case "snapshot-rejected":
                    committed.Remove(e.Data.GetProperty("step").GetInt32());
                    break;
                default:
                    continue;
            }

            if (claim == trainer.Epoch && attempt == trainer.Attempt)
            {
                begins.Add(committed.Append(0).Max());
            }
        }

        return begins;
    }
}
