using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;

namespace CurvatureActors.Cli;

/// <summary>
/// What commands that look at a state directory say when not all of it can be read: they show what can be, and end with
/// one sentence and the exit code of storage.
/// </summary>
internal static class StateFaults
{
    /// <summary>Says what is wrong, if anything is.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Tell(StateReader reader)
    {
        if (reader.Sentence() is not { } sentence)
        {
            return ExitCode.Success;
        }

        Console.Error.WriteLine(sentence);
        return ExitCode.Storage;
    }

    /// <summary>The same, where what can be read was held against digests as well.</summary>
    /// <param name="reader">The directory.</param>
    /// <param name="misfits">What does not fit, what cannot be read included.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Tell(StateReader reader, IReadOnlyList<string> misfits)
    {
        if (misfits.Count == 0)
        {
            return Tell(reader);
        }

        Console.Error.WriteLine(misfits.Count == 1
            ? misfits[0]
            : $"{misfits[0]} ({misfits.Count - 1} more: `curvature doctor --verify` names them all.)");
        return ExitCode.Storage;
    }

    /// <summary>What to fail with when something was not found: where not all could be read, that is the reason.</summary>
    public static Exception Instead(StateReader reader, UsageException notFound) =>
        reader.Sentence() is { } sentence ? new StateDirectoryException(sentence) : notFound;
}
