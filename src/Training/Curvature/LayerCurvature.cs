namespace CurvatureActors.Training.Curvature;

/// <summary>The part of one parameter tensor in the curvature.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Parameters">Its number of elements.</param>
/// <param name="Lambda1">Largest algebraic eigenvalue of the Hessian restricted to it, at most that of the whole.</param>
/// <param name="Residual">Of that eigenvalue.</param>
/// <param name="Converged">Whether the residual reached the tolerance.</param>
/// <param name="Share">Share of the squared norm of the whole Hessian's top eigenvector; the shares add up to 1.</param>
/// <param name="Products">Products used.</param>
public sealed record LayerCurvature(
    string Name, long Parameters, double Lambda1, double Residual, bool Converged, double Share, int Products);
