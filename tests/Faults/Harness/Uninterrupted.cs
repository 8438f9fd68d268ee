using System.Collections.Concurrent;
using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>A configuration run once with nothing in its way, in one process: what every disturbed sweep is held against.</summary>
/// <param name="Text">The configuration.</param>
/// <param name="Runs">The runs that <c>plan</c> foretells.</param>
/// <param name="Outcomes">State, restarts and digest of the final parameters of each run.</param>
/// <param name="Steps">Every step of every attempt of each run with its numbers.</param>
internal sealed record Uninterrupted(
    string Text,
    IReadOnlySet<string> Runs,
    IReadOnlyDictionary<string, string> Outcomes,
    IReadOnlyDictionary<string, string> Steps)
{
    /// <summary>How the program ended: 0, or 3 where some run ends diverged.</summary>
    public int ExitCode { get; init; }

    private static readonly ConcurrentDictionary<string, Task<Uninterrupted>> Known = new();

    /// <summary>Made once for each configuration.</summary>
    public static Task<Uninterrupted> OfAsync(string text) => Known.GetOrAdd(text, MakeAsync);

    /// <summary>The runs of <c>plan FILE --json</c>.</summary>
    public static async Task<HashSet<string>> PlanAsync(string file)
    {
        ProgramResult plan = await RunningProgram.RunAsync("plan", file, "--json", "--state", file + ".none");
        Assert.Equal(0, plan.ExitCode);
        return [.. JsonDocument.Parse(plan.Output).RootElement.EnumerateArray().Select(run => run.GetProperty("run").GetString()!)];
    }

    /// <summary>
    /// State, restarts and digest by run, as <c>list --json</c> tells them, also where it finds itself that something does not
    /// fit: the judgement is not the program's.
    /// </summary>
    public static async Task<Dictionary<string, string>> OutcomesAsync(string state) =>
        (await State.ListAsync(state, 0, 4)).ToDictionary(
            run => run.GetProperty("run").GetString()!,
            run => $"{run.GetProperty("state")} {run.GetProperty("restarts")} {run.GetProperty("parametersSha256")}");

    /// <summary>Every step of telemetry.db by run.</summary>
    public static Dictionary<string, string> StepsOf(string state) => State.Steps(state)
        .GroupBy(step => step[..step.IndexOf(' ', StringComparison.Ordinal)])
        .ToDictionary(run => run.Key, run => string.Join('\n', run));

    /// <summary>The runs of both; those that both have must be the same in both.</summary>
    public Uninterrupted And(Uninterrupted other)
    {
        Assert.All(Runs.Intersect(other.Runs), run => Assert.Equal(Steps[run], other.Steps[run]));
        return new Uninterrupted(
            other.Text,
            Runs.Union(other.Runs).ToHashSet(),
            Outcomes.Concat(other.Outcomes).DistinctBy(run => run.Key).ToDictionary(),
            Steps.Concat(other.Steps).DistinctBy(run => run.Key).ToDictionary())
        {
            ExitCode = Math.Max(ExitCode, other.ExitCode),
        };
    }

    private static async Task<Uninterrupted> MakeAsync(string text)
    {
        using var trial = new Trial(text);
        HashSet<string> runs = await PlanAsync(trial.File);
        ProgramResult result = await trial.Start().WaitAsync(Trial.Patience);
        Assert.True(result.ExitCode is 0 or 3, $"{result.ExitCode}: {result.Error}");
        return new Uninterrupted(text, runs, await OutcomesAsync(trial.State), StepsOf(trial.State)) { ExitCode = result.ExitCode };
    }
}
