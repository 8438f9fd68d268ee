namespace CurvatureActors.Actors.Hosting;

/// <summary>Where everything that survives lies.</summary>
/// <param name="path">The folder; need not exist yet.</param>
public sealed class StateDirectory(string path)
{
    /// <summary>The folder as an absolute path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Decisions and milestones.</summary>
    public string Journal => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>Every step and measurement.</summary>
    public string Telemetry => System.IO.Path.Combine(Path, "telemetry.db");

    /// <summary>Parameters and all that training needs to go on.</summary>
    public string Snapshots => System.IO.Path.Combine(Path, "snapshots");

    /// <summary>Warnings and errors in detail.</summary>
    public string Log => System.IO.Path.Combine(Path, "curvature.log");

    /// <summary>The secret of the program that is running; only its user may read it.</summary>
    public string Token => System.IO.Path.Combine(Path, "token");

    /// <summary>What <c>report</c> writes.</summary>
    public string Reports => System.IO.Path.Combine(Path, "reports");

    /// <summary>Whether anything was ever run here.</summary>
    public bool Exists => File.Exists(Journal);
}
