using System.Threading.Channels;
using CurvatureActors.Actors.Monitoring;

namespace CurvatureActors.Cli.Display;

/// <summary>Shows an experiment while it runs.</summary>
internal interface IRunDisplay
{
    /// <summary>Shows events until <see cref="Close"/>, then what is left of them.</summary>
    Task ShowAsync(ChannelReader<IMonitorEvent> events);

    /// <summary>No more events will come.</summary>
    void Close();
}
