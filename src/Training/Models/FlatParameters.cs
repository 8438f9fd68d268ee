using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// The parameters of a network as one vector, and their gradients as another that backward accumulates into in place.
/// </summary>
public sealed class FlatParameters : IDisposable
{
    private readonly FlatTensors _values;

    /// <summary>Makes the network's parameters and their gradients views of two vectors. The network must outlive this.</summary>
    public FlatParameters(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Tensor first = network.Parameters[0].Value;
        _values = new FlatTensors(network.Parameters, first.dtype, first.device);
        Gradients = zeros_like(Values).DetachFromDisposeScope();
        using DisposeScope scope = NewDisposeScope();
        long offset = 0;
        foreach (NamedTensor parameter in network.Parameters)
        {
            // Torch adds to a gradient that is there, so it stays a view.
            parameter.Value.grad = FlatTensors.Part(Gradients, parameter.Value, ref offset);
        }
    }

    /// <summary>The parameters in declaration order.</summary>
    public IReadOnlyList<NamedTensor> Tensors => _values.Tensors;

    /// <summary>All parameters, shape [Count].</summary>
    public Tensor Values => _values.Values;

    /// <summary>All gradients, shape [Count]; set to zero before each backward.</summary>
    public Tensor Gradients { get; }

    /// <summary>Number of parameters.</summary>
    public long Count => _values.Count;

    /// <summary>Global 2-norm of the gradient; NaN or infinite when an element is.</summary>
    public double GradientNorm()
    {
        using Tensor norm = Gradients.norm();
        return norm.dtype == ScalarType.Float64 ? norm.item<double>() : norm.item<float>();
    }

    /// <summary>Scales the gradient down to <paramref name="maximum"/> when <paramref name="norm"/> is above it.</summary>
    /// <returns>Whether it was.</returns>
    public bool ClipGradients(double norm, double maximum)
    {
        if (!(norm > maximum))
        {
            return false;
        }

        using Scalar factor = (maximum / norm).ToScalar();
        Gradients.mul_(factor);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        Gradients.Dispose();
    }
}
