using CurvatureActors.Hessian;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// after(skip + scale * branch(before(x))). The skip is x, or shortcut(before(x)) where the branch changes the shape.
/// </summary>
public sealed class Residual : CompositeLayer
{
    private readonly Layer? _before;
    private readonly Layer _branch;
    private readonly Layer? _shortcut;
    private readonly Layer? _after;
    private readonly Scalar? _scale;

    /// <summary>A block of these parts, which it now owns.</summary>
    /// <param name="before">Pre-activation, shared by branch and shortcut; null for the identity.</param>
    /// <param name="branch">What is learned on top of the skip.</param>
    /// <param name="shortcut">Brings the skip to the shape of the branch; null where it has it.</param>
    /// <param name="scale">Factor on the branch.</param>
    /// <param name="after">Applied to the sum, tensors under the name <c>addition</c>; null for the identity.</param>
    public Residual(Layer? before, Layer branch, Layer? shortcut = null, double scale = 1, Layer? after = null)
    {
        _before = before is null ? null : Add("", before);
        _branch = Add("", branch);
        _shortcut = shortcut is null ? null : Add("shortcut", shortcut);
        _after = after is null ? null : Add("addition.normalization", after);
        _scale = scale == 1 ? null : scale.ToScalar();
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        Tensor inner = _before?.Forward(input, mode) ?? input;
        Tensor skip = _shortcut?.Forward(inner, mode) ?? input;
        Tensor branch = _branch.Forward(inner, mode);
        Tensor sum = skip.Plus(_scale is null ? branch : branch.mul(_scale));
        return _after?.Forward(sum, mode) ?? sum;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _scale?.Dispose();
    }
}
