using static TorchSharp.torch;

namespace CurvatureActors.Training.Losses;

/// <summary>The mean loss of a batch as a scalar tensor that can be differentiated twice.</summary>
/// <param name="logits">Outputs, [N, classes].</param>
/// <param name="labels">Classes, int64 [N].</param>
public delegate Tensor LossFunction(Tensor logits, Tensor labels);
