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

    /// <summary>Products made for it; vectors that came with their images are not in it.</summary>
    internal int Products { get; private set; }

    internal bool IsComplete => _basis.Count == target.Size;

    /// <summary>What rounding leaves of a product, in the units of the values.</summary>
    internal double Rounding => _epsilon * _scale;

    /// <summary>Largest norm of a product with a unit vector: |A| from below.</summary>
    internal double Scale => _scale;

    /// <summary>A times basis vector <paramref name="index"/>.</summary>
    internal Tensor Image(int index) => _images.Row(index);

    /// <summary>Adds a direction, at one product. False, and nothing done, when the space holds it already.</summary>
    /// <param name="direction">Shape [Size].</param>
    /// <param name="least">The share of it outside the space that is worth a product; what rounding makes of one inside when null.</param>
    internal bool Expand(Tensor direction, double? least = null)
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
        if (left <= (least ?? 10 * _epsilon))
        {
            return false;
        }

        // What is left may be small, and its rounding then not orthogonal: once more at unit length.
        vector.OverInPlace(left);
        _basis.Orthogonalise(vector);
        vector.OverInPlace(VectorMath.Norm(vector));
        Tensor image = target.Apply(vector);
        Products++;
        Append(vector, image);
        return true;
    }

    /// <summary>Adds unit vectors that are orthogonal to the space and to one another, with their images known: no product.</summary>
    /// <param name="vectors">Rows.</param>
    /// <param name="images">Rows.</param>
    internal void Add(Tensor vectors, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int row = 0; row < vectors.shape[0]; row++)
        {
            Append(vectors[row], images[row]);
        }
    }

    /// <summary>Makes room: only the leading Ritz vectors stay, with their images. Rotations, so that little is lost by rounding.</summary>
    internal void Keep(int count)
    {
        (double[] values, double[][] vectors) = Solve();
        double[][] kept = [.. vectors.Take(count)];
        _basis.Replace(kept);
        _images.Replace(kept);
        _projected.Clear();
        _projected.AddRange(kept.Select((_, row) => new double[row + 1]));
        for (int row = 0; row < kept.Length; row++)
        {
            _projected[row][row] = values[row];
        }
    }

    /// <summary>
    /// The Ritz pairs above a level and the one after them, with the residuals as they are: |A x - theta x| of each vector.
    /// </summary>
    /// <param name="level">The level.</param>
    /// <returns>Values, norms and vectors of the residuals (none when the space is empty), in the current dispose scope; NaN alone where a product was not finite.</returns>
    internal (double[] Values, double[] Norms, Tensor Residuals) Above(double level)
    {
        if (Count == 0)
        {
            return ([], [], zeros(0, target.Size));
        }

        using DisposeScope scope = NewDisposeScope();
        (double[] values, double[][] vectors) = Solve();
        if (!double.IsFinite(values[0]))
        {
            return ([double.NaN], [double.NaN], zeros(1, 0).MoveToOuterDisposeScope());
        }

        int wanted = Math.Min(values.Count(value => value > level) + 1, values.Length);
        double[][] leading = [.. vectors.Take(wanted)];
        double[][] scaled = [.. leading.Select((vector, i) => vector.Select(part => part * -values[i]).ToArray())];
        Tensor residuals = _images.Combine(leading).Plus(_basis.Combine(scaled));
        double[] norms = [.. Enumerable.Range(0, wanted).Select(row => VectorMath.Norm(residuals[row]))];
        return (values[..wanted], norms, residuals.MoveToOuterDisposeScope());
    }

    /// <summary>What rows have outside the space, in the current dispose scope.</summary>
    internal Tensor Outside(Tensor rows)
    {
        Tensor outside = rows.clone();
        foreach (Tensor row in outside.unbind(0))
        {
            _basis.Orthogonalise(row);
        }

        return outside;
    }

    /// <summary>Ritz values above a level.</summary>
    internal int CountAbove(double level) => Count == 0 ? 0 : Solve().Values.Count(value => value > level);

    /// <summary>The leading Ritz vectors and their images in rows, in the current dispose scope.</summary>
    internal (Tensor Vectors, Tensor Images) Leading(int count)
    {
        double[][] vectors = [.. Solve().Vectors.Take(count)];
        return (_basis.Combine(vectors), _images.Combine(vectors));
    }

    /// <summary>The Ritz pair with the largest value; its residual vector belongs to the current dispose scope.</summary>
    internal RitzPair Leading()
    {
        using DisposeScope scope = NewDisposeScope();
        (double[] values, double[][] vectors) = Solve();
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

    /// <summary>
    /// The probability that an eigenvalue of the operator, beside the other rows, was there and not seen by the rows that a
    /// start with a random part of unit length has grown, each the image of the one before: see <see cref="HiddenComponent"/>.
    /// </summary>
    /// <param name="chain">The rows.</param>
    /// <param name="start">What the first of them came from.</param>
    /// <param name="value">The eigenvalue.</param>
    internal double Unseen(IReadOnlyList<int> chain, Tensor start, double value)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor beyond = _images.Row(chain[^1]).clone();
        _basis.Orthogonalise(beyond);
        KrylovProjection projection = new([], []);
        for (int i = 0; i < chain.Count; i++)
        {
            double next = i + 1 < chain.Count ? _projected[chain[i + 1]][chain[i]] : VectorMath.Norm(beyond);
            projection.Append(_projected[chain[i]][chain[i]], next);
        }

        double outside = Math.Abs(VectorMath.Dot(start, _basis.Row(chain[0])));
        return HiddenComponent.Probability(outside / projection.Components(value).Norm, Size);
    }

    /// <summary>|A v - rho v| / |rho| of basis vector <paramref name="index"/>, rho its Rayleigh quotient.</summary>
    internal double Drift(int index)
    {
        double quotient = _projected[index][index];
        using Tensor image = _images.Row(index);
        double norm = VectorMath.Norm(image);
        return Math.Sqrt(Math.Max(0, (norm / quotient * (norm / quotient)) - 1));
    }

    /// <summary>The leading Ritz vectors in rows, fewer when the space is smaller.</summary>
    internal Tensor RitzVectors(int count)
    {
        (_, double[][] vectors) = Solve();
        return _basis.Combine([.. vectors.Take(count)]);
    }

    public void Dispose()
    {
        _basis.Dispose();
        _images.Dispose();
    }

    private void Append(Tensor vector, Tensor image)
    {
        _basis.Append(vector);
        _images.Append(image);
        _scale = Math.Max(_scale, VectorMath.Norm(image));
        _projected.Add([.. Enumerable.Range(0, Count).Select(row => VectorMath.Dot(_basis.Row(row), image))]);
    }

    private (double[] Values, double[][] Vectors) Solve() =>
        DenseSymmetric.Solve(Count, (i, j) => _projected[Math.Max(i, j)][Math.Min(i, j)]);
}
