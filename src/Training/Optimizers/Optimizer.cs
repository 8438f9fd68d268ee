using CurvatureActors.Hessian;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Optimizers;

/// <summary>
/// An update rule over all parameters as one vector. Its whole state is <see cref="State"/> and <see cref="Updates"/>;
/// the learning rate comes from outside with each step. Fixup's scalars (<see cref="ParameterRole.Scalar"/>) take a tenth
/// of it.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private const double ScalarRateFactor = 0.1;

    private readonly Tensor? _rateFactors;
    private readonly Tensor? _before;

    /// <summary>A rule with empty state.</summary>
    /// <param name="specification">Constants of the rule; its learning rate is not read.</param>
    /// <param name="parameters">What is updated; must outlive this.</param>
    /// <param name="state">Names of the state vectors, each as long as the parameters and 0 at the start.</param>
    protected Optimizer(OptimizerSpecification specification, FlatParameters parameters, params string[] state)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(parameters);
        Specification = specification;
        Values = parameters.Values;
        Gradients = parameters.Gradients;
        _rateFactors = RateFactors(parameters);
        _before = _rateFactors is null ? null : zeros_like(Values).DetachFromDisposeScope();
        State = [.. state.Select(name => new NamedTensor(name, zeros_like(Values).DetachFromDisposeScope()))];
    }

    /// <summary>State vectors, each of shape [number of parameters].</summary>
    public IReadOnlyList<NamedTensor> State { get; }

    /// <summary>Updates made since the state was empty; Adam's bias correction counts by it.</summary>
    public long Updates { get; set; }

    /// <summary>Constants of the rule.</summary>
    protected OptimizerSpecification Specification { get; }

    /// <summary>Parameters, changed by <see cref="Step"/>.</summary>
    protected Tensor Values { get; }

    /// <summary>Gradients; a step may use them as scratch, since backward starts from zero.</summary>
    protected Tensor Gradients { get; }

    /// <summary>Updates the parameters from the gradients, which hold nothing of use afterwards.</summary>
    public void Step(double learningRate)
    {
        using IDisposable noGrad = no_grad();
        Updates++;
        if (_rateFactors is null)
        {
            Update(learningRate);
            return;
        }

        // Every rule's update is linear in the rate, weight decay included: a factor on one is a factor on the other.
        _before!.copy_(Values);
        Update(learningRate);
        Values.sub_(_before).mul_(_rateFactors).PlusInPlace(_before);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The rule itself; <see cref="Updates"/> already counts this update.</summary>
    protected abstract void Update(double learningRate);

    /// <summary>Adds weight decay as an L2 term to the gradient, as PyTorch does for all rules but AdamW.</summary>
    protected void AddL2()
    {
        if (Specification.WeightDecay != 0)
        {
            Add(Gradients, Values, Specification.WeightDecay);
        }
    }

    /// <summary>target += factor * source, in place.</summary>
    protected static void Add(Tensor target, Tensor source, double factor)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = factor.ToScalar();
        target.add_(source, scalar);
    }

    /// <summary>target *= factor, in place.</summary>
    protected static void Multiply(Tensor target, double factor)
    {
        ArgumentNullException.ThrowIfNull(target);
        using Scalar scalar = factor.ToScalar();
        target.mul_(scalar);
    }

    /// <summary>Releases the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (NamedTensor tensor in State)
        {
            tensor.Value.Dispose();
        }

        _rateFactors?.Dispose();
        _before?.Dispose();
    }

    /// <summary>The factor on the rate of each parameter, shape [number of parameters]; null when all are 1.</summary>
    private static Tensor? RateFactors(FlatParameters parameters)
    {
        if (parameters.Tensors.All(tensor => tensor.Role != ParameterRole.Scalar))
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor factors = ones_like(parameters.Values);
        long offset = 0;
        foreach (NamedTensor tensor in parameters.Tensors)
        {
            Tensor part = FlatTensors.Part(factors, tensor.Value, ref offset);
            if (tensor.Role == ParameterRole.Scalar)
            {
                using Scalar tenth = ScalarRateFactor.ToScalar();
                part.fill_(tenth);
            }
        }

        return factors.DetachFromDisposeScope();
    }
}
