using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Optimizers;

/// <summary>
/// An update rule over all parameters as one vector. Its whole state is <see cref="State"/> and <see cref="Updates"/>;
/// the learning rate comes from outside with each step.
/// </summary>
public abstract class Optimizer : IDisposable
{
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
        Update(learningRate);
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
    }
}
