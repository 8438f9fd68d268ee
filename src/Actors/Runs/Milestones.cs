namespace CurvatureActors.Actors.Runs;

/// <summary>Reasons for which a measurement is recorded in the journal.</summary>
public static class Milestones
{
    /// <summary>At step 0.</summary>
    public const string Initialisation = "initialisation";

    /// <summary>At the last step.</summary>
    public const string End = "end";

    /// <summary>A remedy needed it.</summary>
    /// <param name="restart">Number of the restart it was for.</param>
    public static string Remedy(int restart) => $"remedy of restart {restart}";
}
