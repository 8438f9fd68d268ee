using Akka.Event;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// What Akka.NET has in the place of a logger before the first has started and after the last has stopped. Its own writes
/// to standard output, with stack traces, what happens while the program ends; that belongs to nobody's table.
/// </summary>
internal sealed class SilentLogger : MinimalLogger
{
    protected override void Log(object message)
    {
        // The sentence on standard error says what is wrong.
    }
}
