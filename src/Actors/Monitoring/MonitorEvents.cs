using Akka.Actor;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Monitoring;

/// <summary>What those who watch are told.</summary>
public interface IMonitorEvent : INoSerializationVerificationNeeded;

/// <summary>Something worth a line.</summary>
public interface INotice : IMonitorEvent
{
    /// <summary>What it is about, in a word.</summary>
    string Name { get; }

    /// <summary>One sentence.</summary>
    string Text { get; }

    /// <summary>When, UTC.</summary>
    DateTimeOffset At { get; }
}

/// <summary>Something that happened to a worker.</summary>
/// <param name="Name">The worker.</param>
/// <param name="Text">One sentence.</param>
/// <param name="At">When, UTC.</param>
public sealed record WorkerNotice(string Name, string Text, DateTimeOffset At) : INotice;

/// <summary>How far a phase of the initialisation is.</summary>
/// <param name="Phase"><c>metainit</c> or <c>gradinit</c>.</param>
/// <param name="Step">Steps made.</param>
/// <param name="Steps">Steps in all.</param>
public sealed record PhaseProgress(string Phase, int Step, int Steps);

/// <summary>Where a run stands now; each replaces the one before.</summary>
public sealed record RunProgress : IMonitorEvent
{
    /// <summary>Identity of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Readable name.</summary>
    public required string Name { get; init; }

    /// <summary>State.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>Updates made.</summary>
    public required int Step { get; init; }

    /// <summary>Updates to make.</summary>
    public required int Steps { get; init; }

    /// <summary>How far the initialisation is; null once training has begun and where there is no phase.</summary>
    public PhaseProgress? Phase { get; init; }

    /// <summary>Loss of the newest step.</summary>
    public double? Loss { get; init; }

    /// <summary>Accuracy of the newest evaluation on the test set, in [0, 1].</summary>
    public double? Accuracy { get; init; }

    /// <summary>Learning rate of the newest step.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Newest lambda1.</summary>
    public double? Lambda1 { get; init; }

    /// <summary>Its residual.</summary>
    public double? Lambda1Residual { get; init; }

    /// <summary>Its step.</summary>
    public int? Lambda1Step { get; init; }

    /// <summary>Whether it reached its tolerance.</summary>
    public bool Lambda1Converged { get; init; }

    /// <summary>eta lambda1 over the optimizer's constant.</summary>
    public double? StabilityRatio { get; init; }

    /// <summary>Restarts used.</summary>
    public required int Restarts { get; init; }

    /// <summary>Restarts allowed.</summary>
    public required int RestartBudget { get; init; }

    /// <summary>Node it is on.</summary>
    public string? Node { get; init; }

    /// <summary>Device it is on.</summary>
    public string? Device { get; init; }
}

/// <summary>Something that happened to a run: a divergence, a remedy, an end.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Name">Readable name.</param>
/// <param name="Text">One sentence.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunNotice(string Run, string Name, string Text, DateTimeOffset At) : INotice;
