namespace CurvatureActors.Actors.Configuration;

/// <summary>What a trainer does when its snapshot cannot be written, for instance because the disk is full.</summary>
public enum WhenUnwritable
{
    /// <summary>It waits while the write is tried again, for as long as storage is waited for.</summary>
    Pause,

    /// <summary>It goes on without that snapshot, and says so.</summary>
    Continue,
}
