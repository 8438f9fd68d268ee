namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// V' A V of one Krylov space: Ritz values kept at a restart on the diagonal, each coupled to the first vector after
/// them only, then tridiagonal (Wu and Simon 2000, equation 10).
/// </summary>
/// <param name="kept">Ritz values kept at the last restart; empty before the first.</param>
/// <param name="couplings">v' A x of the first vector v after them with each kept Ritz vector x.</param>
internal sealed class KrylovProjection(double[] kept, double[] couplings)
{
    // A component that would have to be below its inverse is none.
    private const double Unbounded = 1e100;

    private readonly List<double> _alphas = [];
    private readonly List<double> _betas = [];

    internal int Count => kept.Length + _alphas.Count;

    /// <summary>Norm of what leads out of the space; 0 when it is invariant.</summary>
    internal double Beta => _betas.Count > 0 ? _betas[^1] : 0;

    internal void Append(double alpha, double beta)
    {
        _alphas.Add(alpha);
        _betas.Add(beta);
    }

    /// <summary>Ritz values, largest first, and the residual of each: |beta s|, s the last component of its eigenvector.</summary>
    internal (double[] Values, double[] Residuals) Solve()
    {
        if (kept.Length > 0)
        {
            (double[] all, double[][] vectors) = SolveFully();
            return (all, [.. vectors.Select(vector => Math.Abs(Beta * vector[^1]))]);
        }

        (double[] values, double[][] last) = Tridiagonal.Solve(_alphas, _betas, Count - 1);
        return (values, [.. last[0].Select(component => Math.Abs(Beta * component))]);
    }

    /// <summary>
    /// Components of an eigenvector of the whole operator in this space, as multiples of its component in the first vector
    /// after the kept ones: v'(A Q - Q T) = beta q e' gives them by recurrence, in the last basis vector and beyond.
    /// </summary>
    /// <param name="value">The eigenvalue.</param>
    /// <returns>
    /// The component in the vector that comes next, and the norm of all from that first vector on to it. Infinite where the
    /// space is invariant: nothing but 0 in the first vector can be.
    /// </returns>
    internal (double Next, double Norm) Components(double value)
    {
        double back = 0;
        double square = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            double component = couplings[i] / (value - kept[i]);
            back += couplings[i] * component;
            square += component * component;
        }

        double last = 1;
        for (int j = 0; j < _alphas.Count; j++)
        {
            square += last * last;
            double next = ((value - _alphas[j]) * last - back) / _betas[j];
            back = _betas[j] * last;
            last = next;
            if (!(Math.Abs(last) < Unbounded))
            {
                return (double.PositiveInfinity, double.PositiveInfinity);
            }
        }

        return (last, Math.Sqrt(square + last * last));
    }

    /// <summary>Ritz values, largest first, and the coefficients of their vectors in the basis.</summary>
    internal (double[] Values, double[][] Vectors) SolveFully()
    {
        if (kept.Length > 0)
        {
            return DenseSymmetric.Solve(Count, Entry);
        }

        (double[] values, double[][] rows) = Tridiagonal.Solve(_alphas, _betas, [.. Enumerable.Range(0, Count)]);
        return (values, [.. Enumerable.Range(0, Count).Select(pair => rows.Select(row => row[pair]).ToArray())]);
    }

    private double Entry(int row, int column)
    {
        (int low, int high) = row < column ? (row, column) : (column, row);
        if (low == high)
        {
            return low < kept.Length ? kept[low] : _alphas[low - kept.Length];
        }

        if (low < kept.Length)
        {
            return high == kept.Length ? couplings[low] : 0;
        }

        return high == low + 1 ? _betas[low - kept.Length] : 0;
    }
}
