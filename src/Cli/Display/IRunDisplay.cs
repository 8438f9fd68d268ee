using System.Threading.Channels;
using CurvatureActors.Actors.Monitoring;

namespace CurvatureActors.Cli.Display;

/// <summary>Shows an experiment while it runs.</summary>
internal interface IRunDisplay
{
    /// <summary>Shows events until no more will come, then what is left of them.</summary>
    Task ShowAsync(ChannelReader<IMonitorEvent> events, CancellationToken ended);
}
