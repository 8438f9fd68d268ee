namespace CurvatureActors.Cli.Control;

/// <summary>What the control API answers to an action.</summary>
/// <param name="Ok">Whether there was something to act on.</param>
/// <param name="Message">One sentence a run, one line each; or why not.</param>
/// <param name="Runs">What was done with each run.</param>
internal sealed record ControlReply(bool Ok, string Message, IReadOnlyList<ControlledRun> Runs);

/// <summary>A run of a <see cref="ControlReply"/>.</summary>
/// <param name="Run">Identity.</param>
/// <param name="Name">Readable name.</param>
/// <param name="State">Where it stands now, in the words of <c>list</c>.</param>
/// <param name="Message">What was done with it.</param>
internal sealed record ControlledRun(string Run, string Name, string State, string Message);
