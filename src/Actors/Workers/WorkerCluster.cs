using Akka.Configuration;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Actors.Workers;

/// <summary>The cluster of one program's processes on one machine; see <c>curvature-cluster</c> in config/akka.conf.</summary>
internal static class WorkerCluster
{
    /// <summary>Role of the process that holds the state directory.</summary>
    public const string Coordinator = "coordinator";

    /// <summary>Role of the processes that train.</summary>
    public const string Worker = "worker";

    /// <summary>Settings of a member, to be put before the program's others.</summary>
    public static Config Configuration(params IEnumerable<string> roles) => ConfigurationFactory
        .ParseString($"akka.cluster.roles = [{string.Join(", ", roles)}]")
        .WithFallback(AkkaReference.Config.GetConfig("curvature-cluster"));
}
