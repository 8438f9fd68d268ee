using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Examples that go through a module together. Not owned, and not to be changed while an operator uses them.</summary>
/// <param name="Inputs">What the module takes, on its device.</param>
/// <param name="Targets">What the criterion compares the outputs with.</param>
public sealed record ModuleBatch(Tensor Inputs, Tensor Targets)
{
    /// <summary>
    /// Over how many equal parts a mean criterion without a <see cref="Criterion.Divisor"/> averages; the first extent of
    /// the inputs when null. Set it where batches differ in more than that, such as the tokens of sequences of unequal length.
    /// </summary>
    public long? Examples { get; init; }

    internal long Count => Examples ?? Inputs.shape[0];
}
