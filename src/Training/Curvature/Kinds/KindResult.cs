using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>What a kind of measurement found.</summary>
/// <param name="Values">Numbers by name.</param>
/// <param name="Density">A density of eigenvalues; null when it is not about one.</param>
public sealed record KindResult(IReadOnlyList<MeasuredValue> Values, SpectralDensity? Density = null);

/// <summary>A number with its error.</summary>
/// <param name="Name">What it is, unique within its kind; parts are joined by slashes.</param>
/// <param name="Value">The number; NaN when there is none.</param>
/// <param name="Error">
/// What the estimator gives to judge it: the residual of an eigenvalue, the standard error of a mean, half the width
/// of a bracket. Null where there is nothing to err, or it is not known.
/// </param>
public sealed record MeasuredValue(string Name, double Value, double? Error = null);
