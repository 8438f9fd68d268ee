namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>A whole number that a kind of measurement can be set by.</summary>
/// <param name="Name">Its key: lower case, words joined by hyphens.</param>
/// <param name="Minimum">The least that makes sense.</param>
public sealed record KindSetting(string Name, int Minimum);
