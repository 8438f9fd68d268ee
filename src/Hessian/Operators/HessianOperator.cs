using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// H v with H = sum_i weight_i * Hessian(loss_i), exact, by reverse over reverse (Pearlmutter 1994): the graph of each
/// term's first gradient g_i is kept, and H v = sum_i weight_i * d(g_i . v)/dp is one more backward pass over it. The
/// vector is the parameters' elements, one tensor after the other in the order given.
/// </summary>
/// <remarks>
/// <para>Where a loss has no second derivative in a parameter (unused, linear, no gradient at all) the product is zero.</para>
/// <para>
/// Parameters and their <c>.grad</c> are left as found; <c>.grad</c> is borrowed while an operator is built and while
/// it is applied, so parameters must not be shared with other threads meanwhile: give the operator a copy of its own.
/// </para>
/// <para>
/// Limitations: the parameters must stay as they were when the operator was built (a change is noticed by autograd
/// only where a product needs the changed value); kept graphs hold every term's activations. Layers without second
/// derivatives raise an error.
/// </para>
/// <para>
/// Everything goes through <c>autograd.backward</c>: <c>autograd.grad</c> has no exception guard in TorchSharp, and an
/// error inside it ends the process.
/// </para>
/// </remarks>
public sealed class HessianOperator : ISymmetricOperator, IDisposable
{
    private readonly Tensor[] _parameters;
    private readonly long[][] _shapes;
    private readonly List<Term> _terms = [];
    private readonly Tensor _gradient;
    private bool _disposed;

    /// <summary>Evaluates every term and differentiates it once.</summary>
    /// <param name="parameters">Leaf tensors that require a gradient, distinct, on one device, all float32 or all float64; not owned.</param>
    /// <param name="terms">At least one.</param>
    /// <exception cref="ArgumentException">A parameter or a term cannot be used; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate a term.</exception>
    public HessianOperator(IReadOnlyList<Tensor> parameters, IReadOnlyList<LossTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(terms);
        Check(parameters, terms);

        _parameters = [.. parameters];
        _shapes = [.. _parameters.Select(parameter => parameter.shape)];
        Device = _parameters[0].device;
        ScalarType = _parameters[0].dtype;
        Size = _parameters.Sum(parameter => parameter.numel());

        _gradient = zeros(Size, dtype: ScalarType, device: Device).DetachFromDisposeScope();
        try
        {
            foreach (LossTerm term in terms)
            {
                Differentiate(term);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long Size { get; }

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public ScalarType ScalarType { get; }

    /// <summary>The weighted loss at the point: sum_i weight_i * loss_i.</summary>
    public double Loss { get; private set; }

    /// <summary>The gradient of the weighted loss at the point.</summary>
    /// <returns>A new tensor of shape [<see cref="Size"/>] that the caller owns.</returns>
    public Tensor Gradient()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _gradient.clone();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate, for instance because a parameter was changed in place.</exception>
    public Tensor Apply(Tensor vector)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        VectorChecks.Fits(this, vector, nameof(vector));

        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor product = zeros(Size, dtype: ScalarType, device: Device);
        Tensor[] pieces = Split(product);
        using (new BorrowedGradients(_parameters))
        {
            // Preset gradients are accumulated into in place, over all terms: no copies, no concatenation.
            for (int index = 0; index < _parameters.Length; index++)
            {
                _parameters[index].grad = pieces[index];
            }

            foreach (Term term in _terms)
            {
                using DisposeScope perTerm = NewDisposeScope();
                Tensor[] weighted = Split(term.Weight == 1 ? vector : vector * term.Weight);
                Tensor[] directions = [.. term.Indices.Select(index => weighted[index])];
                Guarded("a Hessian-vector product", () => autograd.backward(
                    term.Gradients, directions, retain_graph: true, create_graph: false, inputs: _parameters));
            }
        }

        return product.MoveToOuterDisposeScope();
    }

    /// <summary>Releases the kept graphs; the parameters are the caller's.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (Tensor gradient in _terms.SelectMany(term => term.Gradients))
        {
            gradient.Dispose();
        }

        _gradient.Dispose();
    }

    private void Differentiate(LossTerm term)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = Evaluate(term);
        if (loss.numel() != 1)
        {
            throw new ArgumentException($"A loss has shape [{string.Join(", ", loss.shape)}]; it must be one number.");
        }

        Loss += term.Weight * loss.detach().to(ScalarType.Float64).item<double>();
        if (!loss.requires_grad)
        {
            return;
        }

        List<Tensor> kept = [];
        List<int> indices = [];
        using (new BorrowedGradients(_parameters))
        {
            Guarded("the gradient of a loss", () => autograd.backward(
                [loss], null, retain_graph: true, create_graph: true, inputs: _parameters));

            for (int index = 0; index < _parameters.Length; index++)
            {
                // Null: the loss does not use the parameter. No graph: it is linear in it.
                if (_parameters[index].grad is not { } gradient)
                {
                    continue;
                }

                AddToGradient(index, gradient, term.Weight);
                if (gradient.requires_grad)
                {
                    kept.Add(gradient.DetachFromDisposeScope());
                    indices.Add(index);
                }
            }
        }

        if (kept.Count > 0)
        {
            _terms.Add(new Term([.. kept], [.. indices], term.Weight));
        }
    }

    private static Tensor Evaluate(LossTerm term)
    {
        // The caller may hold a no_grad; without the graph there would be silence instead of curvature.
        using IDisposable recorded = enable_grad();
        return term.Evaluate() ?? throw new ArgumentException("A loss term evaluated to null.");
    }

    private void AddToGradient(int index, Tensor gradient, double weight)
    {
        using IDisposable quiet = no_grad();
        Split(_gradient)[index].add_(gradient.detach(), alpha: weight);
    }

    private Tensor[] Split(Tensor flat)
    {
        Tensor[] pieces = new Tensor[_shapes.Length];
        long offset = 0;
        for (int index = 0; index < pieces.Length; index++)
        {
            long count = _shapes[index].Aggregate(1L, (product, extent) => product * extent);
            pieces[index] = flat.narrow(0, offset, count).view(_shapes[index]);
            offset += count;
        }

        return pieces;
    }

    private static void Guarded(string what, Action differentiate)
    {
        try
        {
            differentiate();
        }
        catch (ExternalException error)
        {
            throw new InvalidOperationException($"libtorch could not compute {what}: {error.Message}", error);
        }
    }

    private static void Check(IReadOnlyList<Tensor> parameters, IReadOnlyList<LossTerm> terms)
    {
        if (parameters.Count == 0)
        {
            throw new ArgumentException("There are no parameters.", nameof(parameters));
        }

        if (terms.Count == 0)
        {
            throw new ArgumentException("There are no loss terms.", nameof(terms));
        }

        for (int index = 0; index < parameters.Count; index++)
        {
            Tensor parameter = parameters[index];
            string name = $"parameters[{index}]";
            if (parameter is null || !parameter.requires_grad || !parameter.is_leaf)
            {
                throw new ArgumentException($"{name} must be a leaf tensor that requires a gradient.", nameof(parameters));
            }

            VectorChecks.IsReal(parameter.dtype, name);
            if (parameter.dtype != parameters[0].dtype || !VectorChecks.SameDevice(parameter.device, parameters[0].device))
            {
                throw new ArgumentException(
                    $"{name} is {parameter.dtype} on {parameter.device}; parameters[0] is {parameters[0].dtype} on {parameters[0].device}.",
                    nameof(parameters));
            }
        }

        if (parameters.DistinctBy(parameter => parameter.Handle).Count() != parameters.Count)
        {
            throw new ArgumentException("A parameter is listed twice.", nameof(parameters));
        }

        for (int index = 0; index < terms.Count; index++)
        {
            if (!double.IsFinite(terms[index].Weight))
            {
                throw new ArgumentException($"terms[{index}] has weight {terms[index].Weight}; it must be finite.", nameof(terms));
            }
        }
    }

    /// <summary>What is kept of a loss term: the gradients that have a graph, and which parameters they belong to.</summary>
    private sealed record Term(Tensor[] Gradients, int[] Indices, double Weight);
}
