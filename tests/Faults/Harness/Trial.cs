using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>An experiment file, a state directory and a side log of their own.</summary>
internal sealed class Trial : IDisposable
{
    /// <summary>No sweep here takes so long; a hang becomes a failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(FaultSettings.Full ? 60 : 4);

    private readonly TemporaryFolder _folder = new();
    private bool _kept;

    public Trial(string text)
    {
        File = _folder.Write("faults.conf", text);
        State = _folder.Combine("state");
    }

    /// <summary>A copy of another trial, to do something else to it.</summary>
    public Trial(Trial other)
        : this(System.IO.File.ReadAllText(other.File))
    {
        foreach (string file in Directory.EnumerateFiles(other.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = _folder.Combine(Path.GetRelativePath(other.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy, overwrite: true);
            System.IO.File.SetLastWriteTimeUtc(copy, System.IO.File.GetLastWriteTimeUtc(file));
        }
    }

    public string Folder => _folder.Path;

    public string File { get; }

    public string State { get; }

    public string Audit => _folder.Combine("audit");

    public List<TrainerLog> SideLog => Harness.SideLog.Read(Audit);

    /// <summary>Starts <c>run</c> with a side log.</summary>
    public RunningProgram Start(params string[] more) => StartUnder([], more);

    /// <summary>Starts <c>WRAPPER run</c> with a side log.</summary>
    public RunningProgram StartUnder(IReadOnlyList<string> wrapper, params string[] more) => RunningProgram.StartUnder(
        wrapper, ["run", File, "--state", State, "--plain", "--set", $"runtime.audit={Audit}", .. more]);

    /// <summary>Runs what is left, which must end well, and asks the oracle.</summary>
    public async Task FinishAsync(Uninterrupted reference, Tally tally, params string[] more)
    {
        await using RunningProgram program = Start(more);
        await JudgeAsync(reference, tally, await program.WaitAsync(Patience));
    }

    /// <summary>The same, while the time since the last fault is taken.</summary>
    public async Task FinishAsync(Uninterrupted reference, Tally tally, RecoveryClock clock)
    {
        await using RunningProgram program = Start();
        await Processes.RunsForAsync(program, Patience, clock.Look);
        await JudgeAsync(reference, tally, await program.WaitAsync());
    }

    /// <summary>Holds the state directory against the reference; the folder is kept where something is wrong.</summary>
    public async Task JudgeAsync(Uninterrupted reference, Tally tally, ProgramResult result)
    {
        if (result.ExitCode != reference.ExitCode)
        {
            Keep();
            tally.Problem($"exit code {result.ExitCode} in {Folder}: {result.Error}\n{Tail(result.Output)}");
        }

        Findings findings = await Oracle.JudgeAsync(this, reference);
        if (!findings.Clean)
        {
            Keep();
        }

        tally.Add(findings);
    }

    /// <summary>Leaves the folder for who wants to see what happened.</summary>
    public void Keep() => _kept = true;

    public void Dispose()
    {
        if (!_kept)
        {
            _folder.Dispose();
        }
    }

    private static string Tail(string output) => string.Join('\n', output.Split('\n').TakeLast(5));
}
