using Akka.Actor;

namespace CurvatureActors.Actors.Hosting;

/// <summary>The default strategy restarts without limit; none of our actors uses it.</summary>
internal static class SupervisorStrategies
{
    /// <summary>A child that throws is stopped; whoever watches it decides.</summary>
    public static SupervisorStrategy Stop { get; } = new OneForOneStrategy(_ => Directive.Stop);
}
