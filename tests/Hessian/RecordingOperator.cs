using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests;

/// <summary>Keeps what a solver multiplies, in the dispose scope of the test: its basis, seen from outside.</summary>
internal sealed class RecordingOperator(ISymmetricOperator inner) : ISymmetricOperator
{
    private readonly List<Tensor> _vectors = [];

    public long Size => inner.Size;

    public Device Device => inner.Device;

    public ScalarType ScalarType => inner.ScalarType;

    internal int Count => _vectors.Count;

    /// <summary>All vectors in columns, shape [Size, Count].</summary>
    internal Tensor Vectors() => stack([.. _vectors], 1);

    public Tensor Apply(Tensor vector)
    {
        _vectors.Add(vector.clone().DetachFromDisposeScope());
        return inner.Apply(vector);
    }
}
