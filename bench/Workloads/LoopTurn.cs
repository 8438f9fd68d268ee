using System.Diagnostics;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Workloads;

/// <summary>Lets loops run for a while, each on a thread of its own.</summary>
internal static class LoopTurn
{
    private const int ReadClockEvery = 16;

    internal static Reading Run(TimeSpan duration, params IReadOnlyList<ITrainingLoop> loops)
    {
        int[] steps = new int[loops.Count];
        Thread[] threads =
        [
            .. loops.Select((loop, index) => new Thread(() => steps[index] = Advance(loop, duration))),
        ];
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        processor = Environment.CpuUsage.TotalTime - processor;
        return new(steps.Sum() / seconds, processor.TotalMicroseconds / steps.Sum());
    }

    private static int Advance(ITrainingLoop loop, TimeSpan duration)
    {
        // The number belongs to the thread too, not only to the process.
        set_num_threads(1);
        int steps = 0;
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < duration; steps += ReadClockEvery)
        {
            for (int i = 0; i < ReadClockEvery; i++)
            {
                loop.Advance();
            }
        }

        return steps;
    }
}
