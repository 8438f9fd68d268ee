namespace CurvatureActors.Actors.Hosting;

/// <summary>The state directory is held by another process, cannot be written, or has failed while in use.</summary>
public sealed class StateDirectoryException : Exception
{
    /// <summary>With a sentence for people.</summary>
    public StateDirectoryException(string message)
        : base(message)
    {
    }

    /// <summary>With a sentence for people and what caused it.</summary>
    public StateDirectoryException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Without a message.</summary>
    public StateDirectoryException()
    {
    }
}
