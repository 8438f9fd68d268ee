using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>Gaussian directions from a generator of their own: the global random state belongs to training.</summary>
internal sealed class RandomDirections(ulong seed) : IDisposable
{
    private readonly Generator _generator = new(seed, CPU);

    /// <summary>A new unit vector of the operator's size, type and device. Drawn on the CPU: the same on every device, and another after each deflation.</summary>
    internal Tensor Next(ISymmetricOperator target)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor direction = randn(target.Size, dtype: target.ScalarType, device: CPU, generator: _generator);
        if (IWrapper.RemovedFrom(target) is var removed and > 0)
        {
            using var other = new Generator(unchecked(0x9E3779B97F4A7C15UL * (ulong)removed), CPU);
            direction.PlusInPlace(randn(target.Size, dtype: target.ScalarType, device: CPU, generator: other));
        }

        double norm = VectorMath.Norm(direction);
        return direction.OverInPlace(norm).to(target.Device).MoveToOuterDisposeScope();
    }

    public void Dispose() => _generator.Dispose();
}
