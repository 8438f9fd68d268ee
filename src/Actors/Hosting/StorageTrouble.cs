using CurvatureActors.Actors.Wire;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// Published on the event stream when something could not be written and is tried again, and when it then could: for
/// who watches. Nothing is lost by it.
/// </summary>
/// <param name="Message">What happens, in one sentence.</param>
internal sealed record StorageTrouble(string Message) : IWireMessage;
