using CurvatureActors.Actors.Wire;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// Published on the event stream when something that must survive could not be written. The program ends; what
/// was committed before is intact, and the same command goes on from there.
/// </summary>
/// <param name="Message">What failed, in one sentence.</param>
internal sealed record StorageFailed(string Message) : IWireMessage;
