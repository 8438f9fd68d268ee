using CurvatureActors.Hessian;
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
public sealed class GradInit : IInitialisationPhase
{
    internal const string PhaseName = "gradinit";

    private readonly Network _network;
    private readonly GradInitSpecification _constants;
    private readonly ExampleSet _train;
    private readonly LossFunction _loss;
    private readonly bool _bySign;
    private readonly Tensor[] _parameters;
    private readonly Tensor[] _origins;
    private readonly ScaleAdam _scales;
    private readonly BatchSampler _sampler;
    private readonly long[] _indices;

    /// <summary>The phase before its first step.</summary>
    /// <param name="network">Initialised.</param>
    /// <param name="constants">Iterations, rate and so on.</param>
    /// <param name="train">Training examples.</param>
    /// <param name="loss">Loss of outputs and labels.</param>
    /// <param name="bySign">Whether the step is along sign(g), as Adam's first.</param>
    /// <param name="seed">Of the order of the examples.</param>
    /// <exception cref="ArgumentException">There are too few examples.</exception>
    public GradInit(
        Network network, GradInitSpecification constants, ExampleSet train, LossFunction loss, bool bySign, int seed)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(constants);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(loss);
        int drawn = ExamplesPerStep(constants.BatchSize);
        if (drawn > train.Count)
        {
            throw new ArgumentException(
                $"curvature.init.gradinit.batch-size is {constants.BatchSize}; an iteration draws one and a half times as many "
                + $"examples, and there are {train.Count}.");
        }

        _network = network;
        _constants = constants;
        _train = train;
        _loss = loss;
        _bySign = bySign;
        _parameters = [.. network.Parameters.Select(parameter => parameter.Value)];
        _scales = new(_parameters.Length, constants);
        _sampler = new(train.Count, drawn, seed);
        _indices = new long[drawn];
        using DisposeScope scope = NewDisposeScope();
        _origins = [.. _parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
    }

    /// <inheritdoc/>
    public string Name => PhaseName;

    /// <inheritdoc/>
    public int Step { get; private set; }

    /// <inheritdoc/>
    public int Steps => _constants.Steps;

    /// <summary>Examples that an iteration draws for batches of a size.</summary>
    public static int ExamplesPerStep(int batchSize) => batchSize + (batchSize / 2);

    /// <summary>Rescales the network's parameters: all iterations, see the constructor.</summary>
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
        using GradInit phase = new(network, constants, train, loss, bySign, seed);
        while (phase.Step < phase.Steps)
        {
            InitialisationProgress made = phase.Advance();
            progress?.Invoke(made);
        }

        return phase._scales.Values;
    }

    /// <inheritdoc/>
    public InitialisationProgress Advance()
    {
        using DisposeScope scope = NewDisposeScope();
        using Derivatives derivatives = new(_parameters);
        _sampler.Next(_indices);
        Tensor[] gradients = derivatives.Of(Loss(_indices.AsSpan(0, _constants.BatchSize)), again: true);
        Tensor length = gradients.Select(gradient => (gradient * gradient).sum()).Aggregate((a, b) => a.Plus(b)).sqrt();
        double norm = Numbers.Of(length);
        if (double.IsFinite(norm))
        {
            Tensor[] slopes = norm > _constants.MaximumGradientNorm
                ? derivatives.Of(length, again: false)
                : Ahead(derivatives, gradients, norm);
            _scales.Move([.. slopes.Zip(_origins, Numbers.Dot)]);
            Apply();
        }

        Step++;
        return new(Name, Step, Steps, norm);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> State() => [.. _scales.State(), new("origins", FlatOrigins())];

    /// <inheritdoc/>
    public void Restore(int step, IReadOnlyList<NamedTensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _scales.Restore(state);
        using DisposeScope scope = NewDisposeScope();
        Tensor origins = state[^1].Value;
        long start = 0;
        foreach (Tensor origin in _origins)
        {
            origin.view(-1).copy_(origins.narrow(0, start, origin.numel()));
            start += origin.numel();
        }

        _sampler.Position = (long)step * _indices.Length;
        Step = step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor origin in _origins)
        {
            origin.Dispose();
        }
    }

    private Tensor FlatOrigins()
    {
        using DisposeScope scope = NewDisposeScope();
        return cat([.. _origins.Select(origin => origin.view(-1))]).MoveToOuterDisposeScope();
    }

    private Tensor Loss(ReadOnlySpan<long> examples)
    {
        (Tensor inputs, Tensor targets) = _train.Batch(examples);
        Device device = _parameters[0].device;
        Tensor typed = inputs.is_floating_point() ? inputs.to(_parameters[0].dtype) : inputs;
        return _loss(_network.Forward(typed.to(device), NetworkMode.Measure), targets.to(device));
    }

    // The slopes of the loss after the step; the parameters are back at theta_alpha afterwards.
    private Tensor[] Ahead(Derivatives derivatives, Tensor[] gradients, double norm)
    {
        using Scalar length =
            (_bySign ? -_constants.StepSize : -_constants.StepSize / Math.Max(norm, double.Epsilon)).ToScalar();
        using (no_grad())
        {
            foreach ((Tensor parameter, Tensor gradient) in _parameters.Zip(gradients))
            {
                parameter.add_(_bySign ? gradient.sign() : gradient.detach(), length);
            }
        }

        int batch = _constants.BatchSize;
        Tensor[] slopes = derivatives.Of(Loss(_indices.AsSpan(batch / 2, batch)), again: false);
        Apply();
        return slopes;
    }

    private void Apply()
    {
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < _parameters.Length; i++)
        {
            using Scalar scale = _scales.Values[i].ToScalar();
            using Tensor scaled = _origins[i].mul(scale);
            _parameters[i].copy_(scaled);
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

        public IEnumerable<NamedTensor> State() =>
        [
            new("scales", Numbers.Vector(Values)),
            new("means", Numbers.Vector(_means)),
            new("squares", Numbers.Vector(_squares)),
            new("updates", Numbers.Vector([_updates])),
        ];

        public void Restore(IReadOnlyList<NamedTensor> state)
        {
            double[] updates = new double[1];
            Numbers.Read(state[0].Value, Values);
            Numbers.Read(state[1].Value, _means);
            Numbers.Read(state[2].Value, _squares);
            Numbers.Read(state[3].Value, updates);
            _updates = (int)updates[0];
        }

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
