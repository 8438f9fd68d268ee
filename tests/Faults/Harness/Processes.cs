using System.Diagnostics;
using System.Globalization;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>Signals, and the worker processes of a coordinator (Linux).</summary>
internal static class Processes
{
    /// <summary>The workers that a coordinator has now.</summary>
    public static int[] WorkersOf(int coordinator)
    {
        try
        {
            return
            [
                .. File.ReadAllText($"/proc/{coordinator}/task/{coordinator}/children")
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Concat(Directory.EnumerateDirectories($"/proc/{coordinator}/task")
                        .SelectMany(task => Read(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                    .Distinct()
                    .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
                    .Where(id => Read($"/proc/{id}/cmdline").Split('\0').Contains("worker")),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Whether a worker is there and no zombie.</summary>
    public static bool Lives(int worker) => Read($"/proc/{worker}/cmdline").Split('\0').Contains("worker");

    /// <summary>Memory of a process that is in use; null when it is gone.</summary>
    public static double? ResidentKilobytes(int process) => Read($"/proc/{process}/status")
        .Split('\n')
        .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => (double?)double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>Sends a signal; one who is gone does not mind.</summary>
    public static void Signal(int process, string signal)
    {
        string[] arguments = [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)];
        using Process kill = Process.Start(new ProcessStartInfo("kill", arguments) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    /// <summary>Looks again and again, at most so long.</summary>
    /// <returns>Whether it came to hold.</returns>
    public static async Task<bool> HoldsWithinAsync(TimeSpan limit, Func<bool> holds)
    {
        long started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                return false;
            }

            await timer.WaitForNextTickAsync();
        }

        return true;
    }

    /// <summary>Lets a program run for so long.</summary>
    /// <returns>Whether it is still running.</returns>
    public static async Task<bool> RunsForAsync(RunningProgram program, TimeSpan time, Action? meanwhile = null)
    {
        long started = Stopwatch.GetTimestamp();
        return await program.WaitUntilAsync(() =>
        {
            meanwhile?.Invoke();
            return Stopwatch.GetElapsedTime(started) >= time;
        }) && !program.HasExited;
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
