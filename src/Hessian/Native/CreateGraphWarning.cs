using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Native;

/// <summary>
/// libtorch warns once per process that <c>backward(create_graph: true)</c> makes a reference cycle between a
/// parameter and its gradient. <see cref="Operators.HessianOperator"/> breaks that cycle, and the way without the
/// warning (<c>autograd.grad</c>) ends the process on errors. So the one warning is spent at start, on a scalar, with
/// standard error turned away; no setting of libtorch's reaches it.
/// </summary>
internal static class CreateGraphWarning
{
    private const int StandardError = 2;
    private const int WriteOnly = 1;

    internal static void Silence()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int kept = LibC.Duplicate(StandardError);
        int nowhere = LibC.Open("/dev/null", WriteOnly);
        if (kept < 0 || nowhere < 0)
        {
            return;
        }

        try
        {
            _ = LibC.Redirect(nowhere, StandardError);
            using DisposeScope scope = NewDisposeScope();
            Tensor parameter = ones(1, requires_grad: true);
            Tensor loss = parameter.square().sum();
            autograd.backward([loss], [ones_like(loss)], retain_graph: true, create_graph: true, inputs: [parameter]);
            parameter.grad = null;
        }
        finally
        {
            _ = LibC.Redirect(kept, StandardError);
            _ = LibC.Close(kept);
            _ = LibC.Close(nowhere);
        }
    }
}
