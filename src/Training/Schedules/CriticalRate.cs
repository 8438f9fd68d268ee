using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Schedules;

/// <summary>
/// The largest stable rate by forward passes only (Kalra and Barkeshli 2024): the rate up to which one update does not
/// raise the loss. On a quadratic with gradient g and update -eta u it is 2 u'g / u'Hu: 2/lambda1 along the top eigenvector.
/// </summary>
public sealed record CriticalRate
{
    /// <summary>Where the search starts.</summary>
    public const double First = 1e-4;

    /// <summary>A rise of the loss, relative to it, that float32 can feign.</summary>
    public const double Noise = 16 * 1.1920929e-7;

    private const int MostHalvings = 60;
    private const int MostDoublings = 60;

    /// <summary>The largest rate tried that did not raise the loss; 0 when each did.</summary>
    public required double Rate { get; init; }

    /// <summary>The smallest rate tried that raised the loss; infinite when none did.</summary>
    public required double Upper { get; init; }

    /// <summary>Evaluations of the loss, the one before the update included.</summary>
    public required int Evaluations { get; init; }

    /// <summary>Doubles from 1e-4 until the loss after the update exceeds the loss before, then bisects.</summary>
    /// <param name="lossAt">The loss after an update at this rate, at 0 the loss before; not finite counts as raised.</param>
    /// <param name="precision">Ends when Upper is at most (1 + precision) times Rate; above 0.</param>
    /// <param name="maximum">Larger rates are of no interest; above 0.</param>
    /// <param name="noise">A rise of the loss, relative to it, that rounding can feign and that counts as none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static CriticalRate Search(
        Func<double, double> lossAt,
        double precision = 0.1,
        double maximum = double.PositiveInfinity,
        double noise = 0)
    {
        ArgumentNullException.ThrowIfNull(lossAt);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(precision);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
        double before = lossAt(0);
        before += noise * Math.Abs(before);
        int evaluations = 1;
        double lower = 0;
        double upper = double.PositiveInfinity;
        double rate = Math.Min(First, maximum);
        for (int i = 0; i <= MostDoublings && lower < maximum && double.IsInfinity(upper); i++)
        {
            Try(rate);
            rate = Math.Min(2 * rate, maximum);
        }

        for (int i = 0; i < MostHalvings && lower == 0 && double.IsFinite(upper); i++)
        {
            Try(upper / 2);
        }

        while (lower > 0 && double.IsFinite(upper) && upper > (1 + precision) * lower)
        {
            Try((lower + upper) / 2);
        }

        return new CriticalRate { Rate = lower, Upper = upper, Evaluations = evaluations };

        void Try(double candidate)
        {
            evaluations++;
            (lower, upper) = lossAt(candidate) <= before ? (candidate, upper) : (lower, candidate);
        }
    }

    /// <summary>
    /// The critical rate of a run's first update on a batch, at most the plan's peak: gradient, clipping and update are
    /// those of training, from empty optimizer state, but with dropout off (<see cref="NetworkMode.Measure"/>). Within
    /// 10%, for preconditioned optimizers 1%. Parameters are as found afterwards, gradients zero.
    /// </summary>
    /// <param name="network">At step 0.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="specification">Optimizer and loss are read.</param>
    /// <param name="plan">Peak rate and clipping are read.</param>
    /// <param name="inputs">The batch's inputs.</param>
    /// <param name="targets">Its targets.</param>
    public static CriticalRate OfFirstUpdate(
        Network network,
        FlatParameters parameters,
        RunSpecification specification,
        TrainingPlan plan,
        Tensor inputs,
        Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(plan);
        using DisposeScope scope = NewDisposeScope();
        OptimizerKind kind = OptimizerRegistry.Optimizers[specification.Optimizer.Kind];
        LossFunction loss = LossRegistry.Losses[specification.Training.Loss];
        parameters.Gradients.zero_();
        loss(network.Forward(inputs, NetworkMode.Measure), targets).backward();
        if (plan.ClipNorm is { } clip)
        {
            parameters.ClipGradients(parameters.GradientNorm(), clip);
        }

        using IDisposable noGrad = no_grad();
        Tensor values = parameters.Values.clone();
        Tensor gradients = parameters.Gradients.clone();
        CriticalRate found = Search(LossAt, kind.IsPreconditioned ? 0.01 : 0.1, plan.PeakLearningRate, Noise);
        parameters.Values.copy_(values);
        parameters.Gradients.zero_();
        return found;

        double LossAt(double rate)
        {
            using DisposeScope inner = NewDisposeScope();
            parameters.Values.copy_(values);
            if (rate > 0)
            {
                parameters.Gradients.copy_(gradients);
                using Optimizer optimizer = kind.Create(specification.Optimizer, parameters);
                optimizer.Step(rate);
            }

            return loss(network.Forward(inputs, NetworkMode.Measure), targets).to(ScalarType.Float64).item<double>();
        }
    }
}
