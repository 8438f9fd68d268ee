using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// H v = |v| (g(p + e u) - g(p - e u)) / 2e or |v| (g(p + e u) - g(p)) / e with u = v/|v| and g the gradient of
/// sum_i weight_i * loss_i: for layers without second derivatives, and at the price of plain gradients. No graph is kept.
/// </summary>
/// <remarks>
/// <para>
/// Parameters are moved during a product and put back to the bit, also when it fails; their <c>.grad</c> is borrowed.
/// Give the operator a copy of its own: whoever reads them meanwhile sees them moved, and graphs recorded on them before
/// a product cannot be differentiated after it.
/// </para>
/// <para>
/// Limitations: an approximation, symmetric and linear only up to its error, so residuals below that error mean
/// nothing. A kink (ReLU) between the points shows as curvature of size 1/e.
/// </para>
/// </remarks>
public sealed class FiniteDifferenceHessianOperator : ISymmetricOperator, IDisposable
{
    private readonly ParameterLayout _layout;
    private readonly LossTerm[] _terms;
    private readonly double[] _losses;
    private readonly FiniteDifferenceOptions _options;
    private readonly Tensor _gradient;
    private readonly Tensor _point;
    private readonly double _step;
    private bool _disposed;

    /// <summary>Takes the gradient at the point.</summary>
    /// <param name="parameters">Leaf tensors that require a gradient, distinct, on one device, all float32 or all float64; not owned.</param>
    /// <param name="terms">At least one; evaluated once or twice in every product.</param>
    /// <param name="options">The defaults when null.</param>
    /// <exception cref="ArgumentException">A parameter or a term cannot be used; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate a term.</exception>
    public FiniteDifferenceHessianOperator(
        IReadOnlyList<Tensor> parameters, IReadOnlyList<LossTerm> terms, FiniteDifferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(terms);
        _options = options ?? new FiniteDifferenceOptions();
        _options.Validate();
        _layout = new ParameterLayout(parameters);
        ParameterLayout.CheckWeights([.. terms.Select(term => term.Weight)]);
        _terms = [.. terms];
        _losses = new double[_terms.Length];

        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor point = _layout.Values();
        Tensor gradient = Gradients((index, loss) => _losses[index] = loss);
        double norm = point.to(ScalarType.Float64).norm().item<double>();
        double rounding = ScalarType == ScalarType.Float32 ? 1.1920929e-7 : 2.220446049250313e-16;
        double relative = _options.RelativeStep ?? (_options.Central ? Math.Cbrt(rounding) : Math.Sqrt(rounding));
        _step = relative * (1 + norm);
        _point = point.DetachFromDisposeScope();
        _gradient = gradient.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public long Size => _layout.Size;

    /// <inheritdoc/>
    public Device Device => _layout.Device;

    /// <inheritdoc/>
    public ScalarType ScalarType => _layout.ScalarType;

    /// <summary>The weighted loss at the point.</summary>
    public double Loss => _terms.Zip(_losses).Sum(pair => pair.First.Weight * pair.Second);

    /// <summary>The gradient of the weighted loss at the point.</summary>
    /// <returns>A new tensor of shape [<see cref="Size"/>] that the caller owns.</returns>
    public Tensor Gradient()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _gradient.clone();
    }

    /// <inheritdoc/>
    /// <exception cref="NonDeterministicOperatorException">The parameters are no longer what they were.</exception>
    public Tensor Apply(Tensor vector)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        VectorChecks.Fits(this, vector, nameof(vector));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        vector = TensorMemory.Aligned(vector);
        double length = vector.to(ScalarType.Float64).norm().item<double>();
        if (length == 0)
        {
            return _layout.Zeros().MoveToOuterDisposeScope();
        }

        Unmoved();
        Tensor displacement = vector.Times(_step / length);
        try
        {
            MoveTo(_point.Plus(displacement));
            Tensor ahead = Gradients();
            Tensor behind = _gradient;
            if (_options.Central)
            {
                MoveTo(_point - displacement);
                behind = Gradients();
            }

            double distance = _options.Central ? 2 * _step : _step;
            return (ahead - behind).Times(length / distance).MoveToOuterDisposeScope();
        }
        finally
        {
            MoveTo(_point);
        }
    }

    /// <summary>Releases the point and its gradient; the parameters are the caller's.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _point.Dispose();
            _gradient.Dispose();
        }
    }

    private void MoveTo(Tensor point)
    {
        Tensor[] pieces = _layout.Split(point);
        for (int index = 0; index < pieces.Length; index++)
        {
            _layout.Parameters[index].copy_(pieces[index]);
        }
    }

    private void Unmoved()
    {
        Tensor[] pieces = _layout.Split(_point);
        for (int index = 0; index < pieces.Length; index++)
        {
            if (!_layout.Parameters[index].equal(pieces[index]).all().item<bool>())
            {
                throw new NonDeterministicOperatorException(
                    $"parameters[{index}] changed after the operator was built; differences need the point they were built at.");
            }
        }
    }

    private Tensor Gradients(Action<int, double>? observe = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor total = _layout.Zeros();
        using var borrowed = new BorrowedGradients(_layout.Parameters);
        _layout.CollectIn(total);
        for (int index = 0; index < _terms.Length; index++)
        {
            using DisposeScope perTerm = NewDisposeScope();
            Tensor loss = LossEvaluation.Evaluate(_terms[index]);
            observe?.Invoke(index, LossEvaluation.Number(loss));
            if (loss.requires_grad)
            {
                using Scalar number = _terms[index].Weight.ToScalar();
                Tensor weight = full_like(loss, number);
                ParameterLayout.Guarded("the gradient of a loss", () => autograd.backward(
                    [loss], [weight], retain_graph: false, create_graph: false, inputs: _layout.Parameters));
            }
        }

        return total.MoveToOuterDisposeScope();
    }
}
