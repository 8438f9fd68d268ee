using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
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
/// It differentiates three times, in <see cref="NetworkMode.Measure"/>: dropout is off, normalisations are written from
/// primitives, and no running statistic moves. A step costs about ten gradients.
/// </para>
/// </remarks>
public static class MetaInit
{
    private const double LeastOfNorm = 0.01;

    /// <summary>Rescales the network's weights.</summary>
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
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(constants);
        ArgumentNullException.ThrowIfNull(loss);
        Tensor[] all = [.. network.Parameters.Select(parameter => parameter.Value)];
        int[] weights = [.. Enumerable.Range(0, all.Length).Where(i => all[i].dim() >= 2)];
        if (weights.Length == 0)
        {
            throw new ArgumentException("MetaInit scales weight matrices; this network has none.", nameof(network));
        }

        double[] velocities = new double[weights.Length];
        using Derivatives derivatives = new(all);
        for (int step = 1; step <= constants.Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor inputs, Tensor labels) = SyntheticBatch(shape, classes, constants.BatchSize, all[0], generator);
            Tensor quotient = Quotient(
                derivatives, loss(network.Forward(inputs, NetworkMode.Measure), labels), constants.Epsilon);
            double value = Numbers.Of(quotient);
            Tensor[] slopes = derivatives.Of(quotient, again: false);
            using (no_grad())
            {
                for (int i = 0; i < weights.Length; i++)
                {
                    Move(all[weights[i]], slopes[weights[i]], ref velocities[i], constants);
                }
            }

            progress?.Invoke(new("metainit", step, constants.Steps, value));
        }
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
        using Scalar half = 0.5.ToScalar();
        using Scalar one = 1.ToScalar();
        using Scalar two = (2 * epsilon).ToScalar();
        using Scalar less = (-epsilon).ToScalar();
        Tensor total = Sum(gradients.Zip(products, (gradient, product) =>
        {
            Tensor signed = gradient.detach().ge(0).to_type(gradient.dtype).mul(two).add(less);
            return ((gradient - product.mul(half)) / (gradient + signed)).sub(one).abs().sum();
        }));
        using Scalar count = gradients.Sum(gradient => gradient.numel()).ToScalar();
        return total.div(count);
    }

    private static Tensor Sum(IEnumerable<Tensor> terms) => terms.Aggregate((a, b) => a + b);

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
