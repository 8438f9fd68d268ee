using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Two linear layers of one unit: the loss of an example with noise n is 1/2 (u v - y - n)^2; [N, 1] to [N, 1]. At u v = y
/// the Hessian of the mean over noise of mean zero has the eigenvalues 0 and u^2 + v^2.
/// </summary>
public sealed class TwoLayerLinear : Layer
{
    private readonly Scalar _half = 0.5.ToScalar();
    private readonly Scalar _target;
    private readonly Tensor _u;
    private readonly Tensor _v;

    /// <summary>The problem with target y, at u = v = 0.</summary>
    public TwoLayerLinear(double target, NetworkOptions options)
    {
        _target = target.ToScalar();
        _u = Parameter([1], 0, options);
        _v = Parameter([1], 0, options);
        Parameters = [new("u.weight", _u, ParameterRole.Linear), new("v.weight", _v, ParameterRole.Linear)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <summary>The model of a specification.</summary>
    /// <exception cref="ArgumentException">The data are not vectors of length 1.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _ = options.Vector();
        Check(model, options.Shape);
        return new Network([("layers", new TwoLayerLinear(model.Uv!.Target, options))]);
    }

    internal static void Check(ModelSpecification model, ExampleShape? shape)
    {
        _ = ModelParts.Required(model.Uv, "uv");
        if (shape is VectorShape { Length: not 1 and var length })
        {
            throw new ArgumentException($"curvature.data.dimension is {length}; the model uv needs 1.");
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        Tensor error = (_u * _v).sub(_target) - input;
        return (error * error).mul(_half);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _half.Dispose();
        _target.Dispose();
    }
}
