namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// When curvature is measured for the observer: the half of <c>curvature.probe</c> that no run's identity depends on.
/// How it is measured is part of the run's specification, since a remedy may use the value.
/// </summary>
/// <param name="DenseSteps">The first so many steps of an attempt are measured one by one, the trainer waiting.</param>
/// <param name="Every">Steps between measurements after those.</param>
/// <param name="Policy">What happens when probes fall behind.</param>
/// <param name="Workers">Probes of this node that work at the same time.</param>
public sealed record ProbeOptions(int DenseSteps, int Every, ProbePolicy Policy, int Workers);
