using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// G v with G = sum_i weight_i * J_i' H_i J_i, J_i the Jacobian of batch i's outputs and H_i the Hessian of the loss in
/// them (Schraudolph 2002): the part of the loss Hessian that is there without the model's own curvature, symmetric and
/// positive semi-definite for convex losses, and the same as the Hessian for a linear model.
/// </summary>
/// <remarks>
/// <para>
/// J v by reverse over reverse: w = J'u is recorded at a constant u once and kept, and J v = d(w . v)/du is a backward
/// pass over it towards u alone, since w is linear in u. Then J' (H J v) is a backward pass of the model.
/// </para>
/// <para>
/// Limitations: those of <see cref="HessianOperator"/>, except that layers need second derivatives only in the sense
/// that their backward pass must be recorded (a fused layer whose backward pass autograd cannot record raises an error).
/// </para>
/// </remarks>
public sealed class GaussNewtonOperator : ISymmetricOperator, IDisposable
{
    private readonly GraphProducts<Graph> _products;

    /// <summary>Evaluates every term's outputs and records the transposed Jacobian once.</summary>
    /// <param name="parameters">Leaf tensors that require a gradient, distinct, on one device, all float32 or all float64; not owned.</param>
    /// <param name="terms">At least one.</param>
    /// <param name="options">The defaults when null.</param>
    /// <exception cref="ArgumentException">A parameter or a term cannot be used; the message says which and why.</exception>
    /// <exception cref="NonDeterministicOperatorException">A term was checked and evaluates to something else each time.</exception>
    /// <exception cref="NonSymmetricOperatorException">It was checked, and an output Hessian is not symmetric.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate a term.</exception>
    public GaussNewtonOperator(IReadOnlyList<Tensor> parameters, IReadOnlyList<OutputTerm> terms, OperatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(terms);
        _products = new GraphProducts<Graph>(parameters, terms.Select(term => term.Weight), options, Multiply);
        try
        {
            foreach (OutputTerm term in terms)
            {
                _products.Add(() => Evaluate(term), Fingerprint, (outputs, _) => Record(outputs, term), term.GraphBytes);
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

    /// <summary>Terms whose graph is kept; each serves every product. Terms whose outputs need no parameter count nowhere.</summary>
    public int KeptTerms => _products.Kept;

    /// <summary>Terms whose graph did not fit <see cref="OperatorOptions"/> and is built again in each product.</summary>
    public int RebuiltTerms => _products.Rebuilt;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate, for instance because a parameter was changed in place.</exception>
    public Tensor Apply(Tensor vector) => _products.Apply(this, vector);

    /// <inheritdoc/>
    /// <remarks>Each graph is gone through once for all vectors, so a rebuilt one is built once.</remarks>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate, for instance because a parameter was changed in place.</exception>
    public Tensor ApplyBlock(Tensor vectors) => _products.ApplyBlock(this, vectors);

    /// <summary>Releases the kept graphs; the parameters are the caller's.</summary>
    public void Dispose() => _products.Dispose();

    private void Multiply(Graph graph, Tensor vector)
    {
        Tensor[] pieces = _products.Layout.Split(vector.contiguous());
        Tensor curved = graph.Loss(graph.Outputs.detach(), Forward(graph, pieces)).Times(graph.Weight);
        ParameterLayout.Guarded("a Gauss-Newton product", () => autograd.backward(
            [graph.Outputs], [curved], retain_graph: true, create_graph: false, inputs: _products.Layout.Parameters));
    }

    /// <summary>J v, of the outputs' shape.</summary>
    private static Tensor Forward(Graph graph, Tensor[] pieces)
    {
        Tensor[] directions = [.. graph.Indices.Select(index => pieces[index])];
        ParameterLayout.Guarded("a Gauss-Newton product", () => autograd.backward(
            graph.Transposed, directions, retain_graph: true, create_graph: false, inputs: [graph.Probe]));
        Tensor result = graph.Probe.grad is { } found ? found.clone() : zeros_like(graph.Outputs);
        graph.Probe.grad = null;
        return result;
    }

    private Graph? Record(Tensor outputs, OutputTerm term)
    {
        if (!outputs.requires_grad)
        {
            return null;
        }

        Tensor probe;
        using (enable_grad())
        {
            probe = zeros_like(outputs).detach().requires_grad_(true);
        }

        (Tensor[] pieces, int[] indices) = _products.Differentiate("the Jacobian of the outputs", outputs, probe);
        return pieces.Length == 0
            ? null
            : new Graph(outputs.DetachFromDisposeScope(), probe.DetachFromDisposeScope(), pieces, indices, term.Loss, term.Weight);
    }

    private static Tensor Evaluate(OutputTerm term)
    {
        using IDisposable recorded = enable_grad();
        return term.Evaluate() ?? throw new ArgumentException("A term's outputs are null.");
    }

    /// <summary>One number that outputs drawn anew would change.</summary>
    private static double Fingerprint(Tensor outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        return outputs.detach().to(ScalarType.Float64).norm().item<double>();
    }

    /// <summary>What is kept of a term: z, u, and the pieces of J'u with the parameters they belong to.</summary>
    private sealed record Graph(
        Tensor Outputs, Tensor Probe, Tensor[] Transposed, int[] Indices, OutputHessian Loss, double Weight) : IDisposable
    {
        public void Dispose()
        {
            foreach (Tensor piece in Transposed)
            {
                piece.Dispose();
            }

            Outputs.Dispose();
            Probe.Dispose();
        }
    }
}
