namespace CurvatureActors.Cli;

/// <summary>The command cannot be carried out as it was given; one sentence says why.</summary>
/// <param name="message">The sentence.</param>
/// <param name="details">Further lines that are shown below it.</param>
internal sealed class UsageException(string message, params IReadOnlyList<string> details) : Exception(message)
{
    /// <summary>Further lines that are shown below the sentence.</summary>
    public IReadOnlyList<string> Details => details;
}
