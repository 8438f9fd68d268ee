using System.Diagnostics;

namespace CurvatureActors.Actors.Workers;

/// <summary>A worker's process as its coordinator sees it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>Last lines of its standard error that are kept; a native abort says there what was wrong.</summary>
    private const int LinesKept = 20;

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly Lock _lock = new();

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Its process id.</summary>
    public int Id { get; private init; }

    /// <summary>Starts a worker and hands it its invitation.</summary>
    /// <param name="program">What to start.</param>
    /// <param name="invitation">What it is told.</param>
    /// <param name="exited">Called once, on any thread, when it has ended.</param>
    public static WorkerProcess Start(WorkerProgram program, WorkerInvitation invitation, Action<WorkerProcess> exited)
    {
        var process = new Process
        {
            EnableRaisingEvents = true,
            StartInfo = new ProcessStartInfo(program.FileName, program.Arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach ((string name, string value) in program.Environment)
        {
            process.StartInfo.Environment.TryAdd(name, value);
        }

        process.Start();
        var worker = new WorkerProcess(process) { Id = process.Id };
        process.OutputDataReceived += (_, line) => worker.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => worker.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.Exited += (_, _) => exited(worker);
        try
        {
            process.StandardInput.WriteLine(invitation.ToLine());
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended already, which is told by the event.
        }

        return worker;
    }

    /// <summary>Whether it ended by a signal that is sent from outside: SIGKILL or SIGTERM.</summary>
    public bool WasKilled => _process.ExitCode is 137 or 143;

    /// <summary>How it ended, in words.</summary>
    public string End()
    {
        int code = _process.ExitCode;
        string how = code switch
        {
            0 => "it left",
            134 => "a native error aborted it (SIGABRT)",
            135 or 136 or 139 => $"a native error crashed it (signal {code - 128})",
            137 => "it was killed (SIGKILL), by hand or for want of memory",
            143 => "it was told to end (SIGTERM)",
            _ => $"exit code {code}",
        };
        lock (_lock)
        {
            return code == 0 || _errors.Count == 0 ? how : $"{how}; its last words: {string.Join(" | ", _errors)}";
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lock)
        {
            _errors.Enqueue(line);
            if (_errors.Count > LinesKept)
            {
                _errors.Dequeue();
            }
        }
    }
}
