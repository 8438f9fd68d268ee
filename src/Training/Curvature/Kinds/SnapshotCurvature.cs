using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// What kinds of measurement ask of one snapshot: Hessian, gradient and update over the run's fixed training examples.
/// Each is computed when it is first asked for and then kept, so that kinds share it. All of it is this object's.
/// </summary>
public sealed class SnapshotCurvature : IDisposable
{
    private readonly RunSpecification _specification;
    private readonly SnapshotLoss _loss;
    private readonly SnapshotBuffer _snapshot;
    private readonly Dictionary<int, EigenResult> _top = [];
    private readonly Lazy<Tensor> _gradient;
    private readonly Lazy<Tensor> _update;

    /// <param name="specification">The run.</param>
    /// <param name="loss">Its loss, at the snapshot.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="hessian">The Hessian there; stays the caller's.</param>
    internal SnapshotCurvature(RunSpecification specification, SnapshotLoss loss, SnapshotBuffer snapshot, HessianOperator hessian)
    {
        _specification = specification;
        _loss = loss;
        _snapshot = snapshot;
        Hessian = new CountedOperator(hessian, Count);
        LearningRate = CurvatureProbe.LearningRateAt(specification, snapshot.Header);
        _gradient = new(() => hessian.Gradient().DetachFromDisposeScope());
        _update = new(() => NextUpdate().DetachFromDisposeScope());
    }

    /// <summary>The Hessian of the mean loss over the fixed examples, without the L2 term.</summary>
    public ISymmetricOperator Hessian { get; }

    /// <summary>The gradient of that loss, shape [number of parameters].</summary>
    public Tensor Gradient => _gradient.Value;

    /// <summary>
    /// u of the optimizer's next update w -= eta u, shape [number of parameters], with the fixed examples as its batch:
    /// momentum and second moments of the snapshot, weight decay and clipping included.
    /// </summary>
    public Tensor Update => _update.Value;

    /// <summary>Learning rate eta of the next update; of the last one at the end of the run.</summary>
    public double LearningRate { get; }

    /// <summary>Seed of random directions: the run's, the same at every step.</summary>
    public ulong Seed => (ulong)SeedDerivation.Derive(_specification.Seed, "probe");

    /// <summary>The network's parameters in declaration order.</summary>
    public IReadOnlyList<NamedTensor> Parameters => _loss.Parameters;

    /// <summary>Hessian-vector products made so far.</summary>
    public int Products { get; private set; }

    /// <summary>How eigenvalues are solved for: to the run's tolerance, from a cold start.</summary>
    /// <param name="count">How many.</param>
    public LanczosOptions Solver(int count) => new()
    {
        Count = count,
        Tolerance = _specification.Curvature.Tolerance,
        MaximumProducts = Math.Max(_specification.Curvature.MaximumProducts, 20 * count),
        Seed = Seed,
    };

    /// <summary>The largest eigenvalues with their vectors; not the caller's to dispose.</summary>
    /// <param name="count">How many; at least 1.</param>
    public EigenResult Top(int count)
    {
        if (!_top.TryGetValue(count, out EigenResult? result))
        {
            using DisposeScope scope = NewDisposeScope();
            LanczosOptions solver = Solver(count) with { ReturnVectors = true };
            result = Lanczos.Largest(Hessian, solver);

            // Of several the next one down counts, and that may be a copy; of one it does not.
            result = count > 1 ? Multiplicity.Resolve(Hessian, result, solver) : result;
            result.Vectors?.DetachFromDisposeScope();
            _top.Add(count, result);
        }

        return result;
    }

    /// <summary>Something of the diagonal block of the Hessian that belongs to one of <see cref="Parameters"/>.</summary>
    public T OfBlock<T>(Tensor parameter, Func<ISymmetricOperator, T> compute)
    {
        ArgumentNullException.ThrowIfNull(compute);
        using HessianOperator block = _loss.Hessian([parameter]);
        return compute(new CountedOperator(block, Count));
    }

    /// <summary>
    /// Hessian and gradient of batches of the training's size, drawn once for the run; each is valid until the next.
    /// </summary>
    /// <param name="count">How many; at least 1.</param>
    public IEnumerable<(ISymmetricOperator Hessian, Tensor Gradient)> Batches(int count)
    {
        foreach (HessianOperator batch in _loss.TrainingBatches(count))
        {
            using (batch)
            {
                using Tensor gradient = batch.Gradient();
                yield return (new CountedOperator(batch, Count), gradient);
            }
        }
    }

    /// <summary>The loss over the fixed examples after the update w -= eta u, by a forward pass.</summary>
    /// <param name="rate">eta; 0 for the loss as it is.</param>
    public double LossAfter(double rate) => _loss.At(Update, -rate);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EigenResult result in _top.Values)
        {
            result.Dispose();
        }

        foreach (Lazy<Tensor> tensor in new[] { _gradient, _update }.Where(tensor => tensor.IsValueCreated))
        {
            tensor.Value.Dispose();
        }
    }

    private void Count(int products) => Products += products;

    /// <summary>By the rule itself on a copy in float64, where nothing is lost in the difference of parameters.</summary>
    private Tensor NextUpdate()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using Network network = _loss.Copy(ScalarType.Float64);
        using FlatParameters scratch = new(network);
        scratch.Gradients.copy_(Gradient);
        if (_snapshot.Header.Plan.ClipNorm is { } clip)
        {
            scratch.ClipGradients(scratch.GradientNorm(), clip);
        }

        return OptimizerRegistry.Optimizers[_specification.Optimizer.Kind]
            .NextUpdate(_specification.Optimizer, scratch, name => _snapshot.Tensor($"optimizer.{name}"), _snapshot.Header.Updates)
            .to(Gradient.dtype)
            .MoveToOuterDisposeScope();
    }
}
