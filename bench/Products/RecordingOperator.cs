using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Products;

/// <summary>An operator that keeps every vector and its image, to tell afterwards what a solver could know after each product.</summary>
internal sealed class RecordingOperator(ISymmetricOperator inner) : ISymmetricOperator, IDisposable
{
    private readonly List<(Tensor Vector, Tensor Image)> _products = [];

    public long Size => inner.Size;

    public Device Device => inner.Device;

    public ScalarType ScalarType => inner.ScalarType;

    internal int Count => _products.Count;

    public Tensor Apply(Tensor vector)
    {
        Tensor image = inner.Apply(vector);
        _products.Add((vector.detach().to(ScalarType.Float64).DetachFromDisposeScope(), image.to(ScalarType.Float64).DetachFromDisposeScope()));
        return image;
    }

    /// <summary>
    /// The largest Ritz value in the span of the first 1, 2, ... vectors, which are taken for orthonormal: the value
    /// of a solver that does Rayleigh-Ritz on all that it has multiplied.
    /// </summary>
    internal IEnumerable<double> RitzValues()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor projected = stack([.. _products.Select(product => product.Vector)])
            .mm(stack([.. _products.Select(product => product.Image)]).t());
        projected = (projected + projected.t()) / 2;
        return
        [
            .. Enumerable.Range(1, Count).Select(
                size => linalg.eigvalsh(projected.narrow(0, 0, size).narrow(1, 0, size)).max().item<double>()),
        ];
    }

    /// <summary>The Rayleigh quotient of each vector: the value of the power iteration.</summary>
    internal IEnumerable<double> Quotients()
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. _products.Select(product => product.Vector.dot(product.Image).item<double>())];
    }

    public void Dispose()
    {
        foreach ((Tensor vector, Tensor image) in _products)
        {
            vector.Dispose();
            image.Dispose();
        }
    }
}
