namespace CurvatureActors.Training.Snapshots;

/// <summary>
/// A snapshot is there, but reading it fails (permission, an error of the device): nothing is known about what is in it, so
/// it must not be taken for damaged. Reading it later may well work.
/// </summary>
public sealed class SnapshotUnreadableException : IOException
{
    /// <summary>With a standard message.</summary>
    public SnapshotUnreadableException()
        : base("A snapshot cannot be read.")
    {
    }

    /// <summary>With this message.</summary>
    public SnapshotUnreadableException(string message)
        : base(message)
    {
    }

    /// <summary>With this message and cause.</summary>
    public SnapshotUnreadableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
