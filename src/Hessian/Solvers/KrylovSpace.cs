using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// An orthonormal basis that grows by Lanczos steps, bounded by thick restarts (Wu and Simon 2000, SIAM J. Matrix Anal.
/// Appl. 22): when it is full, the Ritz vectors nearest to the wanted ends stay and the iteration goes on from the
/// direction that it had come to. Residuals stay free of charge and true.
/// </summary>
/// <remarks>
/// After a breakdown the space found so far is invariant: it is closed, with residuals 0, and a new Krylov space begins
/// orthogonal to it.
/// </remarks>
internal sealed class KrylovSpace : IDisposable
{
    private readonly ISymmetricOperator _target;
    private readonly RowBuffer _basis;
    private readonly int _capacity;
    private readonly double _epsilon;
    private readonly List<(RitzValue[] Pairs, KrylovProjection Projection)> _closed = []; // In the order of their rows.
    private readonly List<KrylovProjection> _past = []; // Of the growing space, before its restarts.
    private KrylovProjection _open = new([], []);

    /// <summary>An empty space.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="capacity">Most vectors held; null for no bound.</param>
    internal KrylovSpace(ISymmetricOperator target, int? capacity)
    {
        _target = target;
        _capacity = capacity ?? int.MaxValue;
        // A bound is a promise about memory: growing would hold old and new rows for a moment.
        _basis = capacity is { } bound ? new RowBuffer(target, bound) : new RowBuffer(target);
        _epsilon = VectorMath.Epsilon(target.ScalarType);
    }

    internal int Count => _basis.Count;

    internal int Products { get; private set; }

    internal int Restarts { get; private set; }

    internal bool IsFull => Count >= _capacity;

    /// <summary>Whether the basis spans everything.</summary>
    internal bool IsComplete => Count == _target.Size;

    /// <summary>Whether an earlier Krylov space was closed.</summary>
    internal bool HasClosed => _closed.Count > 0;

    /// <summary>What rounding leaves of a product, in the units of the values.</summary>
    internal double Rounding { get; private set; }

    /// <summary>Largest norm of a product or magnitude of a Ritz value seen: |A| from below.</summary>
    internal double Scale { get; private set; }

    /// <summary>Smallest Ritz value ever seen: restarts drop the vectors of the end that is not wanted.</summary>
    internal double Smallest { get; private set; } = double.PositiveInfinity;

    /// <summary>Pairs of the Krylov space that is growing, largest first.</summary>
    internal RitzValue[] Own { get; private set; } = [];

    /// <summary>All pairs, largest first.</summary>
    internal RitzValue[] All { get; private set; } = [];

    /// <summary>Adds a unit vector that is orthogonal to the basis, at one product.</summary>
    /// <param name="direction">Shape [Size].</param>
    /// <param name="next">The next unit vector, in the dispose scope of the caller; null when the space is invariant.</param>
    /// <returns>False when the product was not finite.</returns>
    internal bool Extend(Tensor direction, out Tensor? next)
    {
        next = null;
        _basis.Append(direction);
        using Tensor row = _basis.Row(Count - 1);
        Tensor product = _target.Apply(row);
        Products++;
        double alpha = VectorMath.Dot(row, product);
        double norm = VectorMath.Norm(product);
        Rounding = Math.Max(Rounding, _epsilon * norm);
        _basis.Orthogonalise(product);
        double beta = VectorMath.Norm(product);
        if (!double.IsFinite(alpha) || !double.IsFinite(beta) || !double.IsFinite(Rounding))
        {
            return false;
        }

        bool invariant = IsComplete || beta <= 10 * Rounding;
        _open.Append(alpha, invariant ? 0 : beta);
        (double[] values, double[] residuals) = _open.Solve();
        Own = [.. values.Select((value, i) => new RitzValue(value, residuals[i], _closed.Count, i))];
        All = HasClosed ? Merge() : Own;
        Smallest = Math.Min(Smallest, All[^1].Value);
        Scale = new[] { Scale, norm, Math.Abs(All[0].Value), Math.Abs(All[^1].Value) }.Max();
        if (!invariant)
        {
            next = product.OverInPlace(beta);
        }

        return true;
    }

    /// <summary>
    /// The probability that an eigenvalue of the operator, beside the closed spaces, was there and not seen by the growing
    /// space, whose start was random: how <see cref="HiddenComponent"/> is read from the recurrence.
    /// </summary>
    /// <param name="value">The eigenvalue; no Ritz value of the growing space.</param>
    internal double Unseen(double value)
    {
        double start = 1;
        foreach (KrylovProjection past in _past)
        {
            start /= Math.Abs(past.Components(value).Next);
        }

        return HiddenComponent.Probability(start / _open.Components(value).Norm, _target.Size);
    }

    /// <summary>Closes the invariant space, so that the next direction begins another.</summary>
    internal void Close()
    {
        _closed.Add((Own, _open));
        _open = new([], []);
        _past.Clear();
        Own = [];
        All = Merge();
    }

    /// <summary>Takes over pairs that were found elsewhere as a closed space; only before the first product.</summary>
    internal void Take(Tensor vectors, IReadOnlyList<double> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            using Tensor row = vectors[i];
            _basis.Append(row);
        }

        _closed.Add(([.. values.Select((value, i) => new RitzValue(value, 0, 0, i))], new KrylovProjection([.. values], new double[values.Count])));
        All = Merge();
    }

    /// <summary>Makes room: keeps the wanted pairs, and of the growing space about half of what else there is room for.</summary>
    /// <param name="top">Wanted pairs at the upper end.</param>
    /// <param name="bottom">Wanted pairs at the lower end.</param>
    /// <param name="close">
    /// Whether the growing space is done with: of it the wanted pairs are closed, as good as they are, and nothing else is
    /// kept. What comes after is then exact up to their residuals.
    /// </param>
    internal void Restart(int top, int bottom, bool close = false)
    {
        RitzValue[] wanted =
        [
            .. All.Take(top).Concat(All.TakeLast(bottom)).Distinct().Where(pair => close || pair.Space < _closed.Count),
        ];
        int room = _capacity - wanted.Length;
        int kept = close ? 0 : Math.Min(Math.Max(0, Own.Length - 1), Math.Min(room - 2, top + bottom + Math.Max(0, room - top - bottom) / 2));
        int upper = bottom == 0 ? kept : Math.Clamp((int)Math.Round(kept * (double)top / (top + bottom)), Math.Min(1, kept), Math.Max(kept - 1, 0));
        RitzValue[] own = [.. Own.Take(upper), .. Own.TakeLast(kept - upper)];

        Restarts++;
        double[] couplings = Couplings(own);
        _basis.Replace(Coefficients([.. wanted, .. own]));
        _closed.Clear();
        if (wanted.Length > 0)
        {
            double[] values = [.. wanted.Select(pair => pair.Value)];
            _closed.Add((
                [.. wanted.Select((pair, i) => pair with { Space = 0, Index = i })],
                new KrylovProjection(values, new double[values.Length])));
        }

        if (close)
        {
            _past.Clear();
        }
        else
        {
            _past.Add(_open);
        }

        _open = new([.. own.Select(pair => pair.Value)], couplings);
        Own = [.. own.Select((pair, i) => pair with { Space = _closed.Count, Index = i })];
        All = Merge();
    }

    /// <summary>A unit vector orthogonal to the basis, from a random one.</summary>
    internal Tensor Orthogonal(Tensor direction)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            _basis.Orthogonalise(direction);
            direction.OverInPlace(VectorMath.Norm(direction));
        }

        return direction;
    }

    /// <summary>q'A x of the next vector q and each Ritz vector x of the growing space: its residual, with a sign.</summary>
    internal double[] Couplings(IReadOnlyList<RitzValue> own)
    {
        if (own.Count == 0)
        {
            return [];
        }

        double[][] vectors = _open.SolveFully().Vectors;
        return [.. own.Select(pair => _open.Beta * vectors[pair.Index][^1])];
    }

    /// <summary>Ritz vectors in rows, in the current dispose scope.</summary>
    internal Tensor Vectors(IReadOnlyList<RitzValue> pairs) => _basis.Combine(Coefficients(pairs));

    public void Dispose() => _basis.Dispose();

    private double[][] Coefficients(IReadOnlyList<RitzValue> pairs)
    {
        List<double[][]> vectors = [];
        List<int> offsets = [0];
        foreach (KrylovProjection projection in _closed.Select(closed => closed.Projection).Append(_open))
        {
            vectors.Add(projection.Count > 0 ? projection.SolveFully().Vectors : []);
            offsets.Add(offsets[^1] + projection.Count);
        }

        double[][] coefficients = [.. pairs.Select(_ => new double[Count])];
        foreach ((double[] row, RitzValue pair) in coefficients.Zip(pairs))
        {
            vectors[pair.Space][pair.Index].CopyTo(row, offsets[pair.Space]);
        }

        return coefficients;
    }

    private RitzValue[] Merge() =>
    [
        .. _closed.SelectMany(closed => closed.Pairs).Concat(Own).OrderByDescending(pair => pair.Value),
    ];
}
