using CurvatureActors.Hessian;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// MetaInit (Dauphin and Schoenholz 2019): finds the scale of each weight tensor at which a gradient step changes the
/// gradient least, hence a flat place to start from. It needs no data: inputs are standard normal (texts: uniform
/// symbols), labels uniform.
/// </summary>
/// <remarks>
/// <para>
/// Each step, for each tensor p of rank 2 or more: n = |p|, d = sign(&lt;p, dGQ/dp&gt; / n), m = momentum m - rate d,
/// p *= (n + m) / n, with GQ of <see cref="GradientQuotient"/> over all parameters.
/// </para>
/// <para>
/// Three departures where the method is silent: a tensor of zeros stays (n = 0); a derivative that is not finite moves
/// nothing; a step takes at most 99% of a norm, where it would otherwise turn the sign of the weights.
/// </para>
/// <para>
/// It differentiates three times, in <see cref="NetworkMode.Primitive"/>: dropout is off, normalisations are written from
/// primitives, and no running statistic moves. A step costs about ten gradients.
/// </para>
/// </remarks>
public sealed class MetaInit : IInitialisationPhase
{
    internal const string PhaseName = "metainit";

    private const double LeastOfNorm = 0.01;

    private readonly Network _network;
    private readonly MetaInitSpecification _constants;
    private readonly ExampleShape _shape;
    private readonly int _classes;
    private readonly LossFunction _loss;
    private readonly Generator _generator;
    private readonly Tensor[] _all;
    private readonly int[] _weights;
    private readonly double[] _velocities;

    /// <summary>The phase before its first step.</summary>
    /// <param name="network">Initialised.</param>
    /// <param name="constants">Steps, rate and so on.</param>
    /// <param name="shape">Of the examples that the network takes.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="loss">Loss of outputs and labels.</param>
    /// <param name="generator">CPU generator of inputs and labels; stays the caller's.</param>
    /// <exception cref="ArgumentException">The network has no weight of rank 2 or more.</exception>
    public MetaInit(
        Network network,
        MetaInitSpecification constants,
        ExampleShape shape,
        int classes,
        LossFunction loss,
        Generator generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(constants);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(generator);
        _network = network;
        _constants = constants;
        _shape = shape;
        _classes = classes;
        _loss = loss;
        _generator = generator;
        _all = [.. network.Parameters.Select(parameter => parameter.Value)];
        _weights = [.. Enumerable.Range(0, _all.Length).Where(i => _all[i].dim() >= 2)];
        if (_weights.Length == 0)
        {
            throw new ArgumentException("MetaInit scales weight matrices; this network has none.", nameof(network));
        }

        _velocities = new double[_weights.Length];
    }

    /// <inheritdoc/>
    public string Name => PhaseName;

    /// <inheritdoc/>
    public int Step { get; private set; }

    /// <inheritdoc/>
    public int Steps => _constants.Steps;

    /// <summary>Rescales the network's weights: all steps, see the constructor.</summary>
    /// <param name="network">Initialised.</param>
    /// <param name="constants">Steps, rate and so on.</param>
    /// <param name="shape">Of the examples that the network takes.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="loss">Loss of outputs and labels.</param>
    /// <param name="generator">CPU generator of inputs and labels.</param>
    /// <param name="progress">Told after each step; null for nobody.</param>
    /// <exception cref="ArgumentException">The network has no weight of rank 2 or more.</exception>
    public static void Run(
        Network network,
        MetaInitSpecification constants,
        ExampleShape shape,
        int classes,
        LossFunction loss,
        Generator generator,
        Action<InitialisationProgress>? progress = null)
    {
        using MetaInit phase = new(network, constants, shape, classes, loss, generator);
        while (phase.Step < phase.Steps)
        {
            InitialisationProgress made = phase.Advance();
            progress?.Invoke(made);
        }
    }

    /// <inheritdoc/>
    public InitialisationProgress Advance()
    {
        using DisposeScope scope = NewDisposeScope();
        using Derivatives derivatives = new(_all);
        (Tensor inputs, Tensor labels) = SyntheticBatch(_shape, _classes, _constants.BatchSize, _all[0], _generator);
        Tensor quotient = Quotient(
            derivatives, _loss(_network.Forward(inputs, NetworkMode.Primitive), labels), _constants.Epsilon);
        double value = Numbers.Of(quotient);
        Tensor[] slopes = derivatives.Of(quotient, again: false);
        using (no_grad())
        {
            for (int i = 0; i < _weights.Length; i++)
            {
                Move(_all[_weights[i]], slopes[_weights[i]], ref _velocities[i], _constants);
            }
        }

        Step++;
        return new(Name, Step, Steps, value);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> State() =>
    [
        new("velocities", Numbers.Vector(_velocities)),
        new("generator", _generator.get_state()),
    ];

    /// <inheritdoc/>
    public void Restore(int step, IReadOnlyList<NamedTensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        GeneratorState.Require(state[1].Name, state[1].Value);
        Numbers.Read(state[0].Value, _velocities);
        _generator.set_state(state[1].Value);
        Step = step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The network and the generator are the caller's.
    }

    /// <summary>
    /// GQ = mean over all parameters of |(g - Hg) / (g + epsilon s) - 1|, s = sign(g) with sign(0) = 1: how much of the
    /// gradient g a step of length 1 along it would change.
    /// </summary>
    /// <param name="parameters">Leaf tensors; their <c>.grad</c> is left as found.</param>
    /// <param name="loss">The loss at the parameters, with its graph.</param>
    /// <param name="epsilon">Keeps the denominator away from 0.</param>
    public static double GradientQuotient(IReadOnlyList<Tensor> parameters, Tensor loss, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(loss);
        using DisposeScope scope = NewDisposeScope();
        using Derivatives derivatives = new(parameters);
        return Numbers.Of(Quotient(derivatives, loss, epsilon));
    }

    // H g is half the derivative of |g|^2. s is constant: its derivative is 0 wherever there is one.
    private static Tensor Quotient(Derivatives derivatives, Tensor loss, double epsilon)
    {
        Tensor[] gradients = derivatives.Of(loss, again: true);
        Tensor[] products = derivatives.Of(Sum(gradients.Select(gradient => (gradient * gradient).sum())), again: true);
        using Scalar zero = 0.ToScalar();
        using Scalar half = 0.5.ToScalar();
        using Scalar one = 1.ToScalar();
        using Scalar two = (2 * epsilon).ToScalar();
        using Scalar less = (-epsilon).ToScalar();
        Tensor total = Sum(gradients.Zip(products, (gradient, product) =>
        {
            Tensor signed = gradient.detach().ge(zero).to_type(gradient.dtype).mul(two).Plus(less);
            return ((gradient - product.mul(half)) / gradient.Plus(signed)).sub(one).abs().sum();
        }));
        using Scalar count = gradients.Sum(gradient => gradient.numel()).ToScalar();
        return total.div(count);
    }

    private static Tensor Sum(IEnumerable<Tensor> terms) => terms.Aggregate((a, b) => a.Plus(b));

    private static void Move(Tensor weight, Tensor slope, ref double velocity, MetaInitSpecification constants)
    {
        double norm = Math.Sqrt(Numbers.Dot(weight, weight));
        double along = Numbers.Dot(weight, slope);
        if (norm == 0 || !double.IsFinite(norm))
        {
            return;
        }

        velocity = (constants.Momentum * velocity) - (double.IsFinite(along) ? constants.Rate * Math.Sign(along) : 0);
        using Scalar factor = (Math.Max(norm + velocity, LeastOfNorm * norm) / norm).ToScalar();
        weight.mul_(factor);
    }

    private static (Tensor Inputs, Tensor Labels) SyntheticBatch(
        ExampleShape shape, int classes, int count, Tensor like, Generator generator)
    {
        Tensor inputs = shape switch
        {
            ImageShape image => Normal(image.Channels, image.Height, image.Width),
            VectorShape vector => Normal(vector.Length),
            SequenceShape sequence => Uniform(count, sequence.Length),
            _ => throw new ArgumentException($"MetaInit knows no synthetic {shape.What}.", nameof(shape)),
        };
        Tensor labels = shape is SequenceShape text ? Uniform(count, text.Length) : Uniform(count);
        return (inputs.to(like.device), labels.to(like.device));

        Tensor Normal(params long[] extents) => empty([count, .. extents], like.dtype, CPU).normal_(0, 1, generator);

        Tensor Uniform(params long[] extents) =>
            randint(0, classes, extents, ScalarType.Int64, CPU, generator: generator);
    }
}
