namespace CurvatureActors.Training.Models;

/// <summary>Which function a network is: how batch normalisation and dropout behave.</summary>
public enum NetworkMode
{
    /// <summary>Batch statistics, which also move the running statistics; dropout on, drawing from the network's generator.</summary>
    Train,

    /// <summary>Running statistics, dropout off. Changes no state.</summary>
    Evaluate,

    /// <summary>
    /// Batch statistics without moving the running ones, dropout off: the deterministic part of what training sees,
    /// hence what its curvature is taken of. Changes no state.
    /// </summary>
    Measure,

    /// <summary>
    /// The function of <see cref="Measure"/> from operations whose third derivatives are right too: no fused kernel of a
    /// normalisation. Slower; for what differentiates three times.
    /// </summary>
    Primitive,
}
