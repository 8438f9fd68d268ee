namespace CurvatureActors.Training.Snapshots;

/// <summary>A snapshot cannot be read or does not fit; the message names it and says what is wrong.</summary>
public sealed class SnapshotException : Exception
{
    /// <summary>With a standard message.</summary>
    public SnapshotException()
        : base("A snapshot is damaged.")
    {
    }

    /// <summary>With this message.</summary>
    public SnapshotException(string message)
        : base(message)
    {
    }

    /// <summary>With this message and cause.</summary>
    public SnapshotException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
