namespace CurvatureActors.Cli;

/// <summary>The command cannot be carried out as it was given; one sentence says why.</summary>
internal sealed class UsageException(string message) : Exception(message);
