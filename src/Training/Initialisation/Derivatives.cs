using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// Derivatives of any order in leaf tensors, through the guarded <c>autograd.backward</c> (an error inside
/// <c>autograd.grad</c> would end the process). The tensors' <c>.grad</c> is borrowed and given back as found.
/// </summary>
internal sealed class Derivatives : IDisposable
{
    private readonly Tensor[] _owners;
    private readonly Tensor?[] _found;

    public Derivatives(IReadOnlyList<Tensor> owners)
    {
        _owners = [.. owners];
        _found = [.. owners.Select(owner => owner.grad?.DetachFromDisposeScope())];
        Clear();
    }

    /// <summary>
    /// d value / d owner for each, in the current dispose scope; zeros where the value does not depend on it.
    /// </summary>
    /// <param name="value">A scalar. Without <paramref name="again"/> its graph is used up.</param>
    /// <param name="again">Whether the derivatives are to be differentiated themselves.</param>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate.</exception>
    public Tensor[] Of(Tensor value, bool again)
    {
        if (!value.requires_grad)
        {
            return [.. _owners.Select(owner => zeros_like(owner))];
        }

        try
        {
            autograd.backward([value], null, retain_graph: again, create_graph: again, inputs: _owners);
            return [.. _owners.Select(owner => owner.grad ?? zeros_like(owner))];
        }
        catch (ExternalException error)
        {
            throw new InvalidOperationException($"libtorch could not differentiate: {error.Message}", error);
        }
        finally
        {
            // Also breaks the cycle tensor, gradient, graph, tensor that would never be freed.
            Clear();
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < _owners.Length; i++)
        {
            _owners[i].grad = _found[i];
            _found[i]?.Dispose();
        }
    }

    private void Clear()
    {
        foreach (Tensor owner in _owners)
        {
            owner.grad = null;
        }
    }
}
