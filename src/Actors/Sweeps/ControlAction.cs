namespace CurvatureActors.Actors.Sweeps;

/// <summary>What can be asked of a running program.</summary>
public enum ControlAction
{
    /// <summary>
    /// A run that is trained makes a snapshot and lets go of its device; one that waits is held. The program stays
    /// alive while anything is held.
    /// </summary>
    Pause,

    /// <summary>Undoes a pause or a stop.</summary>
    Continue,

    /// <summary>
    /// Starts nothing more of it and lets what is trained finish. With nothing left to do the program ends as
    /// interrupted, to be resumed.
    /// </summary>
    Stop,

    /// <summary>Ends it now and for good; a run that is trained makes a snapshot first, which is kept.</summary>
    Cancel,
}
