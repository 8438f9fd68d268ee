using static TorchSharp.torch;

namespace CurvatureActors.Training.Losses;

/// <summary>The mean loss of a batch as a scalar tensor that can be differentiated twice.</summary>
/// <param name="outputs">Outputs, [N, classes], or [N, classes, positions].</param>
/// <param name="targets">Classes, int64 [N], or [N, positions].</param>
public delegate Tensor LossFunction(Tensor outputs, Tensor targets);
