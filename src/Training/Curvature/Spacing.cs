namespace CurvatureActors.Training.Curvature;

/// <summary>How measurements lie along a run once its first, dense steps are over.</summary>
public enum Spacing
{
    /// <summary>Every so many steps; the default.</summary>
    Linear,

    /// <summary>So many in each tenfold of steps: close together where training is fast, far apart where it is slow.</summary>
    Logarithmic,
}
