using Akka.Event;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Says nothing: the terminal belongs to the table and to sentences.</summary>
internal sealed class SilentLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
    }
}
