namespace CurvatureActors.Training.Models;

/// <summary>What a parameter does, which decides how an initialisation draws it.</summary>
public enum ParameterRole
{
    /// <summary>Stays as it is built: biases, the weight of a normalisation.</summary>
    Fixed,

    /// <summary>A weight [outputs, inputs, ...] before an activation, or of a classifier.</summary>
    Rectified,

    /// <summary>
    /// A weight [outputs, inputs] whose output no rectifier halves: projections of attention, gates of an LSTM. Of rank
    /// 1, the point that an analytic model starts from.
    /// </summary>
    Linear,

    /// <summary>
    /// A number [1] of Fixup's bias and multiplier layers: stays as it is built and is trained at a tenth of the learning
    /// rate (Zhang et al. 2019).
    /// </summary>
    Scalar,

    /// <summary>A table [entries, width] from which rows are taken: symbols, positions.</summary>
    Embedding,
}
