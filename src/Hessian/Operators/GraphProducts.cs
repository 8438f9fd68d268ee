using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// What operators over a sum of terms share: the parameters as one vector, a graph a term (kept or built again), their
/// borrowed gradients, and products that go through every graph once. What a graph is and does is the operator's.
/// </summary>
/// <typeparam name="TGraph">What is kept of a term.</typeparam>
internal sealed class GraphProducts<TGraph> : IDisposable
    where TGraph : class, IDisposable
{
    private readonly GraphStore<TGraph> _graphs;
    private readonly Action<TGraph, Tensor> _multiply;
    private readonly bool _check;
    private bool _disposed;

    /// <summary>Checks the arguments; <see cref="Add"/> takes the terms one by one.</summary>
    /// <param name="parameters">Leaf tensors that require a gradient, distinct, on one device, all float32 or all float64; not owned.</param>
    /// <param name="weights">The terms' weights, for the check only.</param>
    /// <param name="options">The defaults when null.</param>
    /// <param name="multiply">One graph times one vector, added to the parameters' <c>.grad</c>, where the product collects.</param>
    /// <exception cref="ArgumentException">A parameter or a weight cannot be used; the message says which and why.</exception>
    internal GraphProducts(
        IReadOnlyList<Tensor> parameters, IEnumerable<double> weights, OperatorOptions? options, Action<TGraph, Tensor> multiply)
    {
        options ??= new OperatorOptions();
        options.Validate();
        Layout = new ParameterLayout(parameters);
        ParameterLayout.CheckWeights([.. weights]);
        _graphs = new GraphStore<TGraph>(options.GraphMemory, options.SharedGraphMemory, Layout.Device);
        _multiply = multiply;
        _check = options.CheckDeterminism;
    }

    internal ParameterLayout Layout { get; }

    internal int Kept => _graphs.Kept;

    internal int Rebuilt => _graphs.Rebuilt;

    internal long KeptBytes => _graphs.KeptBytes;

    /// <summary>Evaluates a term, records its graph, and keeps that if it fits.</summary>
    /// <param name="evaluate">The term's value with its graph, in the current dispose scope; the same each time.</param>
    /// <param name="number">A number that another value would not have.</param>
    /// <param name="record">The graph of a value, null without one; the flag is true for the first time.</param>
    /// <param name="bytes">What the graph takes; measured when null.</param>
    /// <returns>The number.</returns>
    /// <exception cref="NonDeterministicOperatorException">It was checked and evaluates to something else each time.</exception>
    internal double Add(Func<Tensor> evaluate, Func<Tensor, double> number, Func<Tensor, bool, TGraph?> record, long? bytes)
    {
        double? first = null;
        _graphs.Add(
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor value = evaluate();
                double now = number(value);
                bool isFirst = first is null;
                Determinism.RequireSame(first ??= now, now, Layout.ScalarType);
                return record(value, isFirst);
            },
            bytes);
        if (_check)
        {
            using DisposeScope scope = NewDisposeScope();
            Determinism.RequireSame(first!.Value, number(evaluate()), Layout.ScalarType);
        }

        return first!.Value;
    }

    /// <summary>Where determinism is checked, that the operator which these products belong to is symmetric; at two products.</summary>
    /// <exception cref="NonSymmetricOperatorException">It is not.</exception>
    internal void RequireSymmetric(ISymmetricOperator owner)
    {
        if (_check)
        {
            Symmetry.Require(owner);
        }
    }

    /// <summary>The gradients of a value, and which parameters they belong to: those that have a graph themselves.</summary>
    /// <param name="what">What is computed, for errors.</param>
    /// <param name="value">Recorded by autograd.</param>
    /// <param name="seed">What it is multiplied with, of its shape; 1 when null.</param>
    /// <param name="observe">Sees every gradient, also those without a graph.</param>
    /// <returns>Gradients outside every dispose scope.</returns>
    internal (Tensor[] Gradients, int[] Indices) Differentiate(
        string what, Tensor value, Tensor? seed = null, Action<int, Tensor>? observe = null)
    {
        List<Tensor> kept = [];
        List<int> indices = [];
        using var borrowed = new BorrowedGradients(Layout.Parameters);
        ParameterLayout.Guarded(what, () => autograd.backward(
            [value], seed is null ? null : [seed], retain_graph: true, create_graph: true, inputs: Layout.Parameters));
        for (int index = 0; index < Layout.Parameters.Length; index++)
        {
            // Null: the value does not use the parameter. No graph: it is linear in it.
            if (Layout.Parameters[index].grad is { } gradient)
            {
                observe?.Invoke(index, gradient);
                if (gradient.requires_grad)
                {
                    kept.Add(gradient.DetachFromDisposeScope());
                    indices.Add(index);
                }
            }
        }

        return ([.. kept], [.. indices]);
    }

    /// <summary>The sum of all graphs times one vector; <paramref name="owner"/> is named in errors.</summary>
    internal Tensor Apply(ISymmetricOperator owner, Tensor vector)
    {
        ObjectDisposedException.ThrowIf(_disposed, owner);
        VectorChecks.Fits(owner, vector, nameof(vector));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor product = Layout.Zeros();
        Multiply([TensorMemory.Aligned(vector)], [product]);
        return product.MoveToOuterDisposeScope();
    }

    /// <summary>The same for several vectors in rows; each graph is gone through once for all.</summary>
    internal Tensor ApplyBlock(ISymmetricOperator owner, Tensor vectors)
    {
        ObjectDisposedException.ThrowIf(_disposed, owner);
        VectorChecks.BlockFits(owner, vectors, nameof(vectors));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor products = zeros(vectors.shape, dtype: Layout.ScalarType, device: Layout.Device);
        Multiply(TensorMemory.Aligned(vectors).unbind(0), products.unbind(0));
        return products.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _graphs.Dispose();
        }
    }

    private void Multiply(Tensor[] vectors, Tensor[] products)
    {
        using var borrowed = new BorrowedGradients(Layout.Parameters);
        _graphs.ForEach(graph =>
        {
            for (int row = 0; row < vectors.Length; row++)
            {
                using DisposeScope scope = NewDisposeScope();
                Layout.CollectIn(products[row]);
                _multiply(graph, vectors[row]);
            }
        });
    }
}
