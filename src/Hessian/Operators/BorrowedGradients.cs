using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Takes the <c>.grad</c> of tensors away and puts the same tensors back when disposed, so that passes in between may
/// use the slot. Emptying it also breaks the cycle parameter, gradient, graph, parameter that would never be freed.
/// </summary>
internal sealed class BorrowedGradients : IDisposable
{
    private readonly Tensor[] _owners;
    private readonly Tensor?[] _found;

    internal BorrowedGradients(Tensor[] owners)
    {
        _owners = owners;
        _found = [.. owners.Select(owner => owner.grad?.DetachFromDisposeScope())];
        foreach (Tensor owner in owners)
        {
            owner.grad = null;
        }
    }

    public void Dispose()
    {
        for (int index = 0; index < _owners.Length; index++)
        {
            _owners[index].grad = _found[index];
            _found[index]?.Dispose();
        }
    }
}
