using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Rates;

/// <summary>
/// A diagonal matrix. A Gaussian direction has the same distribution in every orthonormal basis, so what a solver
/// does from random directions is the same as on any matrix with these eigenvalues.
/// </summary>
internal sealed class SpectrumOperator : ISymmetricOperator, IDisposable
{
    private readonly Tensor _eigenvalues;

    internal SpectrumOperator(IReadOnlyList<double> eigenvalues, ScalarType type = ScalarType.Float32)
    {
        using Tensor wide = tensor(eigenvalues.ToArray(), dtype: ScalarType.Float64);
        _eigenvalues = wide.to(type, copy: true).DetachFromDisposeScope();
    }

    public long Size => _eigenvalues.shape[0];

    public Device Device => CPU;

    public ScalarType ScalarType => _eigenvalues.dtype;

    public Tensor Apply(Tensor vector) => _eigenvalues * vector;

    public void Dispose() => _eigenvalues.Dispose();
}
