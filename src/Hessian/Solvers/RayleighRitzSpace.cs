using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// A growing orthonormal basis V with the images A V and the projected matrix V' A V (float64): Rayleigh-Ritz on any
/// space, where Lanczos knows only Krylov ones.
/// </summary>
internal sealed class RayleighRitzSpace(ISymmetricOperator target) : IDisposable
{
    private readonly RowBuffer _basis = new(target);
    private readonly RowBuffer _images = new(target);
    private readonly List<double[]> _projected = []; // Lower triangle: row i holds i + 1 numbers.
    private readonly double _epsilon = VectorMath.Epsilon(target.ScalarType);
    private double _scale;

    internal int Count => _basis.Count;

    internal long Size => target.Size;

    internal int Products => _basis.Count;

    internal bool IsComplete => _basis.Count == target.Size;

    /// <summary>What rounding leaves of a product, in the units of the values.</summary>
    internal double Rounding => _epsilon * _scale;

    /// <summary>Largest norm of a product with a unit vector: |A| from below.</summary>
    internal double Scale => _scale;

    /// <summary>A times basis vector <paramref name="index"/>.</summary>
    internal Tensor Image(int index) => _images.Row(index);

    /// <summary>Adds a direction, at one product. False, and nothing done, when the space holds it already.</summary>
    internal bool Expand(Tensor direction)
    {
        if (IsComplete)
        {
            return false;
        }

        using DisposeScope scope = NewDisposeScope();
        double before = VectorMath.Norm(direction);
        if (!(before > 0) || !double.IsFinite(before))
        {
            return false;
        }

        Tensor vector = direction.Over(before);
        _basis.Orthogonalise(vector);
        double left = VectorMath.Norm(vector);
        if (left <= 10 * _epsilon)
        {
            return false;
        }

        // What is left may be small, and its rounding then not orthogonal: once more at unit length.
        vector.OverInPlace(left);
        _basis.Orthogonalise(vector);
        vector.OverInPlace(VectorMath.Norm(vector));
        Tensor image = target.Apply(vector);
        _basis.Append(vector);
        _images.Append(image);
        _scale = Math.Max(_scale, VectorMath.Norm(image));
        _projected.Add([.. Enumerable.Range(0, Count).Select(row => VectorMath.Dot(_basis.Row(row), image))]);
        return true;
    }

    /// <summary>The Ritz pair with the largest value; its residual vector belongs to the current dispose scope.</summary>
    internal RitzPair Leading()
    {
        using DisposeScope scope = NewDisposeScope();
        (double[] values, double[][] vectors) = Solve([.. Enumerable.Range(0, Count)]);
        if (!double.IsFinite(values[0]))
        {
            return new RitzPair(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, zeros(0).MoveToOuterDisposeScope());
        }

        double[][] leading = [.. vectors.Take(2)];
        Tensor pairs = _basis.Combine(leading);
        Tensor products = _images.Combine(leading);
        Tensor vector = pairs[0];
        Tensor image = products[0];
        double value = VectorMath.Dot(vector, image) / VectorMath.Dot(vector, vector);
        Tensor residual = image - vector.Times(value);
        bool hasSecond = values.Length > 1;
        return new RitzPair(
            value,
            hasSecond ? values[1] : double.NaN,
            hasSecond ? VectorMath.Norm(products[1] - pairs[1].Times(values[1])) : double.NaN,
            values[^1],
            VectorMath.Norm(residual),
            residual.MoveToOuterDisposeScope());
    }

    /// <summary>The largest and smallest Ritz values in the span of some of the basis vectors.</summary>
    internal (double Largest, double Smallest) Range(IReadOnlyList<int> rows)
    {
        double[] values = Solve(rows).Values;
        return (values[0], values[^1]);
    }

    /// <summary>|A v - rho v| / |rho| of basis vector <paramref name="index"/>, rho its Rayleigh quotient.</summary>
    internal double Drift(int index)
    {
        double quotient = _projected[index][index];
        using Tensor image = _images.Row(index);
        double norm = VectorMath.Norm(image);
        return Math.Sqrt(Math.Max(0, norm * norm - quotient * quotient)) / Math.Abs(quotient);
    }

    /// <summary>The leading Ritz vectors in rows, fewer when the space is smaller.</summary>
    internal Tensor RitzVectors(int count)
    {
        (_, double[][] vectors) = Solve([.. Enumerable.Range(0, Count)]);
        return _basis.Combine([.. vectors.Take(count)]);
    }

    public void Dispose()
    {
        _basis.Dispose();
        _images.Dispose();
    }

    private (double[] Values, double[][] Vectors) Solve(IReadOnlyList<int> rows) => DenseSymmetric.Solve(
        rows.Count, (i, j) => _projected[Math.Max(rows[i], rows[j])][Math.Min(rows[i], rows[j])]);
}
