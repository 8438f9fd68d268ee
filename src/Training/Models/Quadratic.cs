using CurvatureActors.Hessian;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// The loss of an example with noise n: 1/2 sum_j lambda_j w_j^2 + n'w; [N, D] to [N, 1]. The mean over a data set whose
/// noise has mean zero has the Hessian diag(lambda) everywhere, and so has any batch.
/// </summary>
public sealed class Quadratic : Layer
{
    private readonly Scalar _half = 0.5.ToScalar();
    private readonly Tensor _point;
    private readonly Tensor _eigenvalues;

    /// <summary>The quadratic of this spectrum, at 0.</summary>
    public Quadratic(IReadOnlyList<double> eigenvalues, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(eigenvalues);
        _point = Parameter([eigenvalues.Count], 0, options);
        using Tensor values = tensor(eigenvalues.ToArray(), options.ScalarType);
        _eigenvalues = values.to(options.Device, copy: true).DetachFromDisposeScope();
        Parameters = [new("weight", _point, ParameterRole.Linear)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <summary>The model of a specification.</summary>
    /// <exception cref="ArgumentException">The spectrum has not the length of the data's vectors.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _ = options.Vector();
        return new Network([("point", new Quadratic(Eigenvalues(model, options.Shape), options))]);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor value = (_eigenvalues * _point * _point).sum().mul(_half);
        return input.mv(_point).Plus(value).unsqueeze(1);
    }

    internal static void Check(ModelSpecification model, ExampleShape? shape) => _ = Eigenvalues(model, shape);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _half.Dispose();
        _eigenvalues.Dispose();
    }

    private static IReadOnlyList<double> Eigenvalues(ModelSpecification model, ExampleShape? shape)
    {
        QuadraticSpecification quadratic = ModelParts.Required(model.Quadratic, "quadratic");
        return shape is VectorShape vector ? quadratic.Eigenvalues(vector.Length) : quadratic.Spectrum;
    }
}
