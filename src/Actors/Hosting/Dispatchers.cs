namespace CurvatureActors.Actors.Hosting;

/// <summary>Names of the dispatchers in config/akka.conf. Long or blocking work never runs on the default one.</summary>
internal static class Dispatchers
{
    /// <summary>One thread per trainer.</summary>
    public const string Trainer = "curvature-dispatchers.trainer";

    /// <summary>Threads of the Hessian probes.</summary>
    public const string Probe = "curvature-dispatchers.probe";

    /// <summary>Blocking writes: snapshots and telemetry.</summary>
    public const string Storage = "curvature-dispatchers.storage";
}
