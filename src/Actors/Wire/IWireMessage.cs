namespace CurvatureActors.Actors.Wire;

/// <summary>A message that may pass between processes; <see cref="WireSerializer"/> has its form.</summary>
internal interface IWireMessage;
