using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace CurvatureActors.EndToEnd.Tests.Harness;

/// <summary>What a finished program left.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>The built program as a process.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>Nothing here takes so long; a hang becomes a failure.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // Between two looks at the program, in milliseconds.
    private const double ShortestPause = 5;
    private const double LongestPause = 50;

    public const int Hup = 1;
    private const int Int = 2;
    private static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;
    private static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    /// <summary>
    /// What has the program hear the signals that these tests were told to ignore: a script that starts them in the background
    /// leaves Ctrl-C to others, and <c>nohup</c> the closing of the terminal (Linux).
    /// </summary>
    private static readonly string[] Listening = AreSignalsIgnored() ? ["env", "--default-signal=INT,HUP"] : [];

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];
    private readonly Task _reading;
    private readonly Task<string> _error;

    private RunningProgram(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>The file of something that was built beside these tests.</summary>
    public static string Built(string what) => Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == what).Value!;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts <c>curvature ARGUMENTS</c>.</summary>
    public static RunningProgram Start(params string[] arguments) => StartUnder([], arguments);

    /// <summary>Starts <c>WRAPPER curvature ARGUMENTS</c>.</summary>
    public static RunningProgram StartUnder(IReadOnlyList<string> wrapper, params string[] arguments)
    {
        string[] command = [.. Listening, .. wrapper, "dotnet", Built("Program"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        return new RunningProgram(Process.Start(start)!);
    }

    /// <summary>Runs <c>curvature ARGUMENTS</c> to its end.</summary>
    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using RunningProgram program = Start(arguments);
        return await program.WaitAsync();
    }

    /// <summary>Waits for a line of output; the program must not end before it.</summary>
    public async Task WaitForLineAsync(Func<string, bool> match)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (string line in _lines.Reader.ReadAllAsync(limit.Token))
        {
            if (match(line))
            {
                return;
            }
        }

        throw new InvalidOperationException($"The program ended without the line waited for:\n{string.Join('\n', _output)}");
    }

    /// <summary>Looks again and again whether something holds, until it does or the program has ended.</summary>
    /// <returns>Whether it holds.</returns>
    public async Task<bool> WaitUntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_process.HasExited)
        {
            if (holds())
            {
                return true;
            }

            await timer.WaitForNextTickAsync(limit.Token);
        }

        return holds();
    }

    /// <summary>
    /// Stops the program (SIGSTOP) as soon as something holds: what a test does next meets it there, however fast it goes on
    /// and however slow the test is. It stands still for each look as well, so that a machine that is busy elsewhere does not
    /// let it run to its end between the looks. It goes on by <see cref="Release"/>, or is killed.
    /// </summary>
    /// <returns>Whether it was stopped before its end.</returns>
    public async Task<bool> HoldWhenAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!_process.HasExited)
        {
            Hold();
            long began = Stopwatch.GetTimestamp();
            if (holds())
            {
                return !_process.HasExited;
            }

            Release();

            // A look that takes long (a busy machine, a long journal) must not keep it from getting on, nor let it run away.
            var pause = TimeSpan.FromMilliseconds(
                Math.Clamp(Stopwatch.GetElapsedTime(began).TotalMilliseconds, ShortestPause, LongestPause));
            await Task.Delay(pause, limit.Token);
        }

        return false;
    }

    /// <summary>Stops the program where it is.</summary>
    public void Hold() => Signal(Stop);

    /// <summary>Lets a program that was stopped go on.</summary>
    public void Release() => Signal(Continue);

    public void Kill() => _process.Kill();

    /// <summary>Ctrl-C; one who is stopped hears it when it goes on.</summary>
    public void Interrupt() => Signal(Int);

    /// <summary>What the closing of a terminal sends.</summary>
    public void HangUp() => Signal(Hup);

    public async Task<ProgramResult> WaitAsync(TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Patience);
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        return new ProgramResult(_process.ExitCode, string.Join('\n', _output), await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static bool AreSignalsIgnored()
    {
        const string Status = "/proc/self/status";
        const string Field = "SigIgn:";
        const ulong Watched = (1UL << (Hup - 1)) | (1UL << (Int - 1));
        return File.Exists(Status)
            && (ulong.Parse(
                File.ReadLines(Status).First(line => line.StartsWith(Field, StringComparison.Ordinal)).AsSpan(Field.Length).Trim(),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture) & Watched) != 0;
    }

    private void Signal(int number) => Signal(_process.Id, number);

    /// <summary>Sends a signal; one who is gone does not mind.</summary>
    public static void Signal(int process, int number) => _ = SendSignal(process, number);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int number);

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Add(line);
            await _lines.Writer.WriteAsync(line);
        }

        _lines.Writer.Complete();
    }
}
