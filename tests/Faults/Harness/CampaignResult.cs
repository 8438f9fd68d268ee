using System.Globalization;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>What a campaign found.</summary>
internal sealed record CampaignResult
{
    public const string Header =
        "| campaign | seed | faults | lost | duplicated | unexpected | differing | re-executed steps | recovery median / p95 | notes |\n"
        + "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n";

    public required string Campaign { get; init; }

    public required int Seed { get; init; }

    /// <summary>Faults that were injected.</summary>
    public required int Faults { get; init; }

    /// <summary>Planned runs without a terminal state at the end.</summary>
    public required int Lost { get; init; }

    /// <summary>Runs that ended twice, or were trained after their end.</summary>
    public required int Duplicated { get; init; }

    /// <summary>Runs that nobody planned.</summary>
    public required int Unexpected { get; init; }

    /// <summary>Runs whose final parameters or losses are not those of an undisturbed run, to the bit.</summary>
    public required int Differing { get; init; }

    /// <summary>Steps that were executed more than once in the same attempt of a run.</summary>
    public required long Reexecuted { get; init; }

    /// <summary>From each fault to the next slice of steps that was trained, where that came before the next fault.</summary>
    public required IReadOnlyList<TimeSpan> Recoveries { get; init; }

    /// <summary>What else was measured.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Everything that is not as promised, in words.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    public bool Clean => Problems.Count == 0 && Lost + Duplicated + Unexpected + Differing == 0;

    /// <summary>A row under <see cref="Header"/>.</summary>
    public string Row => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Campaign} | {Seed} | {Faults} | {Lost} | {Duplicated} | {Unexpected} | {Differing} | {Reexecuted} | {Recovery} | {string.Join("; ", Notes.Concat(Problems.Take(3)))} |\n");

    private string Recovery => Recoveries.Count == 0
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{Quantile(0.5):f1} s / {Quantile(0.95):f1} s");

    /// <summary>The smallest value that at least so many of all are not above, in seconds.</summary>
    private double Quantile(double share)
    {
        TimeSpan[] sorted = [.. Recoveries.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)].TotalSeconds;
    }
}
