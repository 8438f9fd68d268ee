using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Cli.Control;

/// <summary>What the <see cref="ControlServer"/> speaks for.</summary>
internal interface IControlHandler
{
    /// <summary>Does it, and answers when it is done.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="target">With which run, or with all.</param>
    /// <param name="by">Who asks, as far as that is known.</param>
    /// <returns>What was done with each run; null when the present experiment has no such target, or more than one.</returns>
    Task<IReadOnlyList<RunOutcome>?> ControlAsync(ControlAction action, ControlTarget target, string by);

    /// <summary>The runs as <c>list --json</c> has them.</summary>
    IReadOnlyList<RunRow> Runs();
}
