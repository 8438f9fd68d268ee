using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// H v with H = sum_i weight_i * Hessian(loss_i), exact, by reverse over reverse (Pearlmutter 1994): the graph of each
/// term's first gradient g_i is kept, and H v = sum_i weight_i * d(g_i . v)/dp is one more backward pass over it. The
/// vector is the parameters' elements, one tensor after the other in the order given.
/// </summary>
/// <remarks>
/// <para>
/// Given some of a model's parameters, it is the diagonal block of the Hessian that belongs to them
/// (<see cref="ParameterSelection"/>), at less than the price of the whole.
/// </para>
/// <para>Where a loss has no second derivative in a parameter (unused, linear, no gradient at all) the product is zero.</para>
/// <para>
/// Parameters and their <c>.grad</c> are left as found; <c>.grad</c> is borrowed while an operator is built and while
/// it is applied, so parameters must not be shared with other threads meanwhile: give the operator a copy of its own.
/// </para>
/// <para>
/// Limitations: the parameters must stay as they were when the operator was built (a change is noticed where a kept
/// graph needs the changed value, or where a rebuilt term's loss differs); kept graphs hold every term's activations,
/// within <see cref="OperatorOptions"/>. Layers without second derivatives raise an error: see
/// <see cref="FiniteDifferenceHessianOperator"/>.
/// </para>
/// <para>
/// Everything goes through <c>autograd.backward</c>: <c>autograd.grad</c> has no exception guard in TorchSharp, and an
/// error inside it ends the process.
/// </para>
/// </remarks>
public sealed class HessianOperator : ISymmetricOperator, IDisposable
{
    private readonly GraphProducts<Graph> _products;
    private readonly Tensor _gradient;
    private bool _disposed;

    /// <summary>Evaluates every term and differentiates it once, keeping every graph.</summary>
    /// <param name="parameters">Leaf tensors that require a gradient, distinct, on one device, all float32 or all float64; not owned.</param>
    /// <param name="terms">At least one.</param>
    /// <exception cref="ArgumentException">A parameter or a term cannot be used; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate a term.</exception>
    public HessianOperator(IReadOnlyList<Tensor> parameters, IReadOnlyList<LossTerm> terms)
        : this(parameters, terms, null)
    {
    }

    /// <summary>Evaluates every term and differentiates it once.</summary>
    /// <param name="parameters">Leaf tensors that require a gradient, distinct, on one device, all float32 or all float64; not owned.</param>
    /// <param name="terms">At least one.</param>
    /// <param name="options">The defaults when null.</param>
    /// <exception cref="ArgumentException">A parameter or a term cannot be used; the message says which and why.</exception>
    /// <exception cref="NonDeterministicOperatorException">A term was checked and evaluates to something else each time.</exception>
    /// <exception cref="NonSymmetricOperatorException">It was checked, and the products are not those of a symmetric matrix.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate a term.</exception>
    public HessianOperator(IReadOnlyList<Tensor> parameters, IReadOnlyList<LossTerm> terms, OperatorOptions? options)
    {
        ArgumentNullException.ThrowIfNull(terms);
        _products = new GraphProducts<Graph>(parameters, terms.Select(term => term.Weight), options, Multiply);
        _gradient = _products.Layout.Zeros().DetachFromDisposeScope();
        try
        {
            foreach (LossTerm term in terms)
            {
                Loss += term.Weight * _products.Add(
                    () => LossEvaluation.Evaluate(term), LossEvaluation.Number,
                    (loss, first) => Differentiate(loss, term.Weight, collect: first), term.GraphBytes);
            }

            _products.RequireSymmetric(this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long Size => _products.Layout.Size;

    /// <inheritdoc/>
    public Device Device => _products.Layout.Device;

    /// <inheritdoc/>
    public ScalarType ScalarType => _products.Layout.ScalarType;

    /// <summary>The weighted loss at the point: sum_i weight_i * loss_i.</summary>
    public double Loss { get; private set; }

    /// <summary>Terms whose graph is kept; each serves every product. Terms without a second derivative count nowhere.</summary>
    public int KeptTerms => _products.Kept;

    /// <summary>Terms whose graph did not fit <see cref="OperatorOptions"/> and is built again in each product.</summary>
    public int RebuiltTerms => _products.Rebuilt;

    /// <summary>Bytes of the kept graphs as measured or given; 0 when there is no budget to hold them against.</summary>
    public long KeptGraphBytes => _products.KeptBytes;

    /// <summary>The gradient of the weighted loss at the point.</summary>
    /// <returns>A new tensor of shape [<see cref="Size"/>] that the caller owns.</returns>
    public Tensor Gradient()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _gradient.clone();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate, for instance because a parameter was changed in place.</exception>
    public Tensor Apply(Tensor vector) => _products.Apply(this, vector);

    /// <inheritdoc/>
    /// <remarks>Each graph is gone through once for all vectors, so a rebuilt one is built once.</remarks>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate, for instance because a parameter was changed in place.</exception>
    public Tensor ApplyBlock(Tensor vectors) => _products.ApplyBlock(this, vectors);

    /// <summary>Releases the kept graphs; the parameters are the caller's.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _products.Dispose();
            _gradient.Dispose();
        }
    }

    private void Multiply(Graph graph, Tensor vector)
    {
        Tensor[] weighted = _products.Layout.Split(graph.Weight == 1 ? vector.contiguous() : vector.Times(graph.Weight));
        Tensor[] directions = [.. graph.Indices.Select(index => weighted[index])];
        ParameterLayout.Guarded("a Hessian-vector product", () => autograd.backward(
            graph.Gradients, directions, retain_graph: true, create_graph: false, inputs: _products.Layout.Parameters));
    }

    private Graph? Differentiate(Tensor loss, double weight, bool collect)
    {
        if (!loss.requires_grad)
        {
            return null;
        }

        (Tensor[] gradients, int[] indices) = _products.Differentiate(
            "the gradient of a loss", loss, observe: (index, gradient) =>
            {
                if (collect)
                {
                    AddToGradient(index, gradient, weight);
                }
            });
        return gradients.Length > 0 ? new Graph(gradients, indices, weight) : null;
    }

    private void AddToGradient(int index, Tensor gradient, double weight)
    {
        using IDisposable quiet = no_grad();
        _products.Layout.Split(_gradient)[index].PlusInPlace(gradient.detach(), weight);
    }

    /// <summary>What is kept of a loss term: the gradients that have a graph, and which parameters they belong to.</summary>
    private sealed record Graph(Tensor[] Gradients, int[] Indices, double Weight) : IDisposable
    {
        public void Dispose()
        {
            foreach (Tensor gradient in Gradients)
            {
                gradient.Dispose();
            }
        }
    }
}
