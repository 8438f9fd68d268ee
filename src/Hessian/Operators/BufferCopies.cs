using System.Runtime.CompilerServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Gives a module copies of its buffers to change, until disposed. The very tensors are exchanged under TorchSharp's
/// objects, so a module that holds a buffer in a field sees the copy as well, and the original is not even written to:
/// putting values back in place would count as a change, which graphs that saved the buffer refuse.
/// </summary>
internal sealed class BufferCopies : IDisposable
{
    private readonly Module _module;
    private readonly (string Name, Tensor Buffer)[] _buffers;
    private readonly Tensor[] _copies;

    internal BufferCopies(Module module)
    {
        _module = module;
        _buffers = [.. module.named_buffers()];
        using IDisposable quiet = no_grad();
        _copies = [.. _buffers.Select(one => Copy(one.Buffer))];
        Exchange();
    }

    /// <exception cref="NonDeterministicOperatorException">A buffer is another tensor than before, which cannot be undone.</exception>
    internal void RequireSameTensors()
    {
        foreach ((string name, Tensor buffer) in _buffers)
        {
            if (!ReferenceEquals(_module.get_buffer(name), buffer))
            {
                throw new NonDeterministicOperatorException(
                    $"The module replaces its buffer '{name}' by another tensor when it is evaluated; only changes in place can be kept from it.");
            }
        }
    }

    public void Dispose()
    {
        Exchange();
        foreach (Tensor copy in _copies)
        {
            copy.Dispose();
        }
    }

    private void Exchange()
    {
        for (int index = 0; index < _copies.Length; index++)
        {
            ref IntPtr held = ref NativeTensor(_buffers[index].Buffer);
            ref IntPtr copied = ref NativeTensor(_copies[index]);
            (held, copied) = (copied, held);
        }
    }

    private static Tensor Copy(Tensor buffer)
    {
        using Tensor plain = buffer.detach();
        return plain.clone().DetachFromDisposeScope();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "handle")]
    private static extern ref IntPtr NativeTensor(Tensor tensor);
}
