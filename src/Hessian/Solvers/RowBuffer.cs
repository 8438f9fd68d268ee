using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Vectors as rows of one growing matrix [Count, Size], so that orthogonalising against all of them is two
/// matrix-vector products.
/// </summary>
internal sealed class RowBuffer : IDisposable
{
    private readonly ISymmetricOperator _target;
    private Tensor _rows;
    private long _capacity;

    internal RowBuffer(ISymmetricOperator target, long capacity = 8)
    {
        _target = target;
        _capacity = Math.Min(capacity, target.Size);
        _rows = New(_capacity);
    }

    internal int Count { get; private set; }

    /// <summary>The rows in use, as a view [Count, Size] in the current dispose scope.</summary>
    internal Tensor View => _rows.narrow(0, 0, Count);

    /// <summary>Row <paramref name="index"/>, as a view in the current dispose scope.</summary>
    internal Tensor Row(int index) => _rows[index];

    /// <summary>Copies a vector into the next row.</summary>
    internal void Append(Tensor vector)
    {
        if (Count == _capacity)
        {
            // Doubling: small solves stay small, and copying costs less than one pass over the final basis.
            _capacity = Math.Min(2 * _capacity, Math.Max(_target.Size, Count + 1));
            Tensor grown = New(_capacity);
            using (Tensor start = grown.narrow(0, 0, Count))
            {
                start.copy_(_rows);
            }

            _rows.Dispose();
            _rows = grown;
        }

        using Tensor row = _rows[Count];
        row.copy_(vector);
        Count++;
    }

    /// <summary>
    /// Takes the rows' span out of a vector in place, twice: once leaves a remainder of the size of the rounding of
    /// what was taken out, twice is enough (Parlett, The Symmetric Eigenvalue Problem, 6.9).
    /// </summary>
    internal void Orthogonalise(Tensor vector)
    {
        if (Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        Tensor rows = View;
        Tensor columns = rows.t();
        for (int pass = 0; pass < 2; pass++)
        {
            vector.sub_(columns.mv(rows.mv(vector)));
        }
    }

    /// <summary>Linear combinations of the rows.</summary>
    /// <param name="coefficients">One row of <see cref="Count"/> numbers per combination.</param>
    /// <returns>Shape [combinations, Size], in the current dispose scope.</returns>
    internal Tensor Combine(double[][] coefficients)
    {
        using var scope = NewDisposeScope();
        return Weights(coefficients).mm(View).MoveToOuterDisposeScope();
    }

    /// <summary>Puts linear combinations of the rows in their place, in slices so that no second set of rows is held.</summary>
    /// <param name="coefficients">One row of <see cref="Count"/> numbers per combination; at most <see cref="Count"/> of them.</param>
    internal void Replace(double[][] coefficients)
    {
        const long Slice = 1 << 16;
        using var scope = NewDisposeScope();
        if (coefficients.Length > 0)
        {
            Tensor weights = Weights(coefficients);
            for (long start = 0; start < _target.Size; start += Slice)
            {
                using var slice = NewDisposeScope();
                Tensor columns = View.narrow(1, start, Math.Min(Slice, _target.Size - start));
                columns.narrow(0, 0, coefficients.Length).copy_(weights.mm(columns));
            }
        }

        Count = coefficients.Length;
    }

    public void Dispose() => _rows.Dispose();

    private Tensor Weights(double[][] coefficients) =>
        tensor(coefficients.SelectMany(row => row).ToArray(), [coefficients.Length, Count], dtype: ScalarType.Float64)
            .to(_target.ScalarType, copy: true).to(_target.Device); // Copied: the array lies in managed memory, see TensorMemory.

    private Tensor New(long capacity) =>
        empty(capacity, _target.Size, dtype: _target.ScalarType, device: _target.Device).DetachFromDisposeScope();
}
