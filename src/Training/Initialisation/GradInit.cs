using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// GradInit (Zhu et al. 2021): learns one scale alpha for each parameter tensor so that the loss after a first step is
/// low, with a bounded gradient.
/// </summary>
/// <remarks>
/// <para>
/// Each iteration takes the gradient g of a batch. While |g| is above gamma, |g| is what is minimised; otherwise the loss
/// of theta_alpha - eta A(g) on a batch that shares half its examples, the step held constant, with A(g) = g/|g|, or
/// sign(g) for Adam. The scales move by Adam (0.9, 0.999, 1e-8) with a clipped gradient and never fall below their minimum.
/// </para>
/// <para>
/// |g| is the 2-norm for every optimizer (the authors take the 1-norm for Adam: choose gamma accordingly). Dropout is off
/// and no running statistic moves (<see cref="NetworkMode.Measure"/>). An iteration whose gradient is not finite moves
/// nothing.
/// </para>
/// </remarks>
public static class GradInit
{
    /// <summary>Examples that an iteration draws for batches of a size.</summary>
    public static int ExamplesPerStep(int batchSize) => batchSize + (batchSize / 2);

    /// <summary>Rescales the network's parameters.</summary>
    /// <param name="network">Initialised.</param>
    /// <param name="constants">Iterations, rate and so on.</param>
    /// <param name="train">Training examples.</param>
    /// <param name="loss">Loss of outputs and labels.</param>
    /// <param name="bySign">Whether the step is along sign(g), as Adam's first.</param>
    /// <param name="seed">Of the order of the examples.</param>
    /// <param name="progress">Told after each iteration; null for nobody.</param>
    /// <returns>The scale of each parameter tensor, in declaration order.</returns>
    /// <exception cref="ArgumentException">There are too few examples.</exception>
    public static IReadOnlyList<double> Run(
        Network network,
        GradInitSpecification constants,
        ExampleSet train,
        LossFunction loss,
        bool bySign,
        int seed,
        Action<InitialisationProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(constants);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(loss);
        int batch = constants.BatchSize;
        int drawn = ExamplesPerStep(batch);
        if (drawn > train.Count)
        {
            throw new ArgumentException(
                $"curvature.init.gradinit.batch-size is {batch}; an iteration draws one and a half times as many examples, and "
                + $"there are {train.Count}.");
        }

        Tensor[] parameters = [.. network.Parameters.Select(parameter => parameter.Value)];
        using DisposeScope outer = NewDisposeScope();
        Tensor[] origins = [.. parameters.Select(parameter => parameter.detach().clone())];
        ScaleAdam scales = new(parameters.Length, constants);
        BatchSampler sampler = new(train.Count, drawn, seed);
        long[] indices = new long[drawn];
        using Derivatives derivatives = new(parameters);
        for (int step = 1; step <= constants.Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            sampler.Next(indices);
            Tensor[] gradients = derivatives.Of(Loss(indices.AsSpan(0, batch)), again: true);
            Tensor length = gradients.Select(gradient => (gradient * gradient).sum()).Aggregate((a, b) => a + b).sqrt();
            double norm = Numbers.Of(length);
            if (double.IsFinite(norm))
            {
                Tensor[] slopes = norm > constants.MaximumGradientNorm
                    ? derivatives.Of(length, again: false)
                    : Ahead(gradients, norm);
                scales.Move([.. slopes.Zip(origins, Numbers.Dot)]);
                Apply();
            }

            progress?.Invoke(new("gradinit", step, constants.Steps, norm));
        }

        return scales.Values;

        Tensor Loss(ReadOnlySpan<long> examples)
        {
            (Tensor inputs, Tensor targets) = train.Batch(examples);
            Device device = parameters[0].device;
            Tensor typed = inputs.is_floating_point() ? inputs.to(parameters[0].dtype) : inputs;
            return loss(network.Forward(typed.to(device), NetworkMode.Measure), targets.to(device));
        }

        // The slopes of the loss after the step; the parameters are back at theta_alpha afterwards.
        Tensor[] Ahead(Tensor[] gradients, double norm)
        {
            using Scalar length = (bySign ? -constants.StepSize : -constants.StepSize / Math.Max(norm, double.Epsilon)).ToScalar();
            using (no_grad())
            {
                foreach ((Tensor parameter, Tensor gradient) in parameters.Zip(gradients))
                {
                    parameter.add_(bySign ? gradient.sign() : gradient.detach(), length);
                }
            }

            Tensor[] slopes = derivatives.Of(Loss(indices.AsSpan(batch / 2, batch)), again: false);
            Apply();
            return slopes;
        }

        void Apply()
        {
            using IDisposable noGrad = no_grad();
            for (int i = 0; i < parameters.Length; i++)
            {
                using Scalar scale = scales.Values[i].ToScalar();
                parameters[i].copy_(origins[i].mul(scale));
            }
        }
    }

    /// <summary>The scales, and the Adam that moves them.</summary>
    private sealed class ScaleAdam(int count, GradInitSpecification constants)
    {
        private const double Beta1 = 0.9;
        private const double Beta2 = 0.999;
        private const double Epsilon = 1e-8;

        private readonly double[] _means = new double[count];
        private readonly double[] _squares = new double[count];
        private int _updates;

        public double[] Values { get; } = [.. Enumerable.Repeat(1.0, count)];

        public void Move(double[] gradient)
        {
            double norm = Math.Sqrt(gradient.Sum(slope => slope * slope));
            if (!double.IsFinite(norm))
            {
                return;
            }

            _updates++;
            double clip = norm > constants.ClipNorm ? constants.ClipNorm / norm : 1;
            for (int i = 0; i < Values.Length; i++)
            {
                double slope = clip * gradient[i];
                _means[i] = (Beta1 * _means[i]) + ((1 - Beta1) * slope);
                _squares[i] = (Beta2 * _squares[i]) + ((1 - Beta2) * slope * slope);
                double root = Math.Sqrt(_squares[i] / (1 - Math.Pow(Beta2, _updates))) + Epsilon;
                double step = constants.Rate * _means[i] / (1 - Math.Pow(Beta1, _updates)) / root;
                Values[i] = Math.Max(Values[i] - step, constants.MinimumScale);
            }
        }
    }
}
