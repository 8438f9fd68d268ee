using System.Security.Cryptography;
using System.Text.Json;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Sessions;

/// <summary>
/// One run on one device. Its whole state is in <see cref="Capture"/> and <see cref="Restore"/>: nothing else, no global
/// random state either, influences the next step, so a restored session continues to the same bits on a CPU.
/// </summary>
/// <remarks>
/// Not thread-safe, but may move between threads from call to call. On a CPU each call sets the calling thread's number
/// of native threads to the specification's. Part of that setting is process-wide in libtorch, so sessions that work
/// side by side in one process must agree on it.
/// </remarks>
public sealed partial class TrainingSession : IDisposable
{
    private const string OptimizerPrefix = "optimizer.";
    private const string DropoutGenerator = "generator.dropout";
    private const int EvaluationBatch = 500;

    private readonly RunSpecification _specification;
    private readonly DataSplit _data;
    private readonly Device _device;
    private readonly SnapshotPool _pool;
    private readonly LossFunction _loss;
    private readonly BatchSampler _sampler;
    private DivergenceDetector _detector;
    private readonly Generator _dropout;
    private readonly Network _network;
    private readonly FlatParameters _parameters;
    private readonly FlatTensors _buffers;
    private readonly Tensor _buffersBefore;
    private readonly Optimizer _optimizer;
    private readonly long[] _indices;
    private readonly string _identity;
    private DivergenceVerdict? _verdict;
    private double? _criticalRate;
    private IReadOnlyList<StabilityLimit> _limits = [];

    private TrainingSession(RunSpecification specification, DataSplit data, Device device, SnapshotPool pool)
    {
        _specification = specification;
        _data = data;
        _device = device;
        _pool = pool;
        _identity = specification.Identity();
        _loss = LossRegistry.Losses[specification.Training.Loss];
        OptimizerKind kind = OptimizerRegistry.Optimizers[specification.Optimizer.Kind];
        Plan = TrainingPlan.Initial(specification);

        // An unknown schedule should fail here, not at the first step.
        _ = LearningRate.At(0, specification, Plan);
        _sampler = new BatchSampler(data.Train.Count, specification.Training.BatchSize, specification.Seed);
        _indices = new long[specification.Training.BatchSize];
        _detector = NewDetector();
        _dropout = new Generator(SeedDerivation.Derive(specification.Seed, "dropout"), CPU);
        NetworkOptions options = new(data.Train.Shape, data.Train.Classes, device, Dropout: _dropout);
        _network = ModelRegistry.Build(specification.Model, options);
        _parameters = new FlatParameters(_network);
        _buffers = new FlatTensors(_network.Buffers, options.ScalarType, device);
        _buffersBefore = zeros_like(_buffers.Values).DetachFromDisposeScope();
        _optimizer = kind.Create(specification.Optimizer, _parameters);
    }

    /// <summary>Updates made so far.</summary>
    public int Step { get; private set; }

    /// <summary>What the current attempt trains with.</summary>
    public TrainingPlan Plan { get; private set; }

    /// <summary>Whether all of the specification's steps are made.</summary>
    public bool Finished => Step >= _specification.Training.Steps;

    /// <summary>Learning rate of the next update; of the last one at the end of the run.</summary>
    public double NextLearningRate => StabilityCap.Apply(
        LearningRate.At(Math.Min(Step, _specification.Training.Steps - 1), _specification, Plan, _criticalRate),
        Step,
        _specification,
        _limits);

    /// <summary>Number of trained parameters.</summary>
    public long ParameterCount => _parameters.Count;

    /// <summary>
    /// A session at step 0. Its weights are made from the specification's seed when they are first needed, or by
    /// <see cref="Initialise"/>, unless a snapshot is restored before.
    /// </summary>
    /// <param name="specification">The run.</param>
    /// <param name="data">Its examples; must outlive the session, which does not own them.</param>
    /// <param name="device">Where it computes, see <see cref="DeviceName"/>.</param>
    /// <param name="pool">Where snapshots get their memory; null for the shared pool.</param>
    /// <exception cref="ArgumentException">The specification names something unknown; the message lists what is allowed.</exception>
    public static TrainingSession Create(
        RunSpecification specification, DataSplit data, Device device, SnapshotPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(device);
        return new TrainingSession(specification, data, device, pool ?? SnapshotPool.Shared);
    }

    /// <summary>
    /// One step. Loss and gradient norm are checked before the update: with a verdict no update is made, parameters,
    /// running statistics and optimizer are as before, and the session cannot go on or be captured until it is restored.
    /// A loss or gradient norm that is not finite is always a verdict, whatever rules are in use; so is a state that is not,
    /// looked at wherever the specification has a snapshot made: no stored snapshot ever holds NaN. That verdict is on the
    /// step whose update, which only a restore takes back, led there.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session is finished or diverged.</exception>
    public StepOutcome Advance()
    {
        RequireHealthy();
        if (Finished)
        {
            throw new InvalidOperationException($"The session has made all of its {Step} steps.");
        }

        Initialise();
        UseThreads();
        using DisposeScope scope = NewDisposeScope();
        _sampler.Next(_indices);
        (Tensor inputs, Tensor targets) = Batch(_data.Train, _indices);
        if (_buffers.Count > 0)
        {
            _buffersBefore.copy_(_buffers.Values);
        }

        _parameters.Gradients.zero_();
        Tensor outputs = _network.Forward(inputs, NetworkMode.Train);
        Tensor loss = _loss(outputs, targets);
        loss.backward();

        double norm = _parameters.GradientNorm();
        double rate = NextLearningRate;
        StepMetrics metrics = new(
            Step,
            loss.item<float>(),
            (double)Accuracy.Correct(outputs, targets) / targets.numel(),
            norm,
            rate,
            Clipped: norm > Plan.ClipNorm);
        _verdict = _detector.Observe(in metrics) ?? NonFinite(in metrics);
        if (_verdict is not null)
        {
            _buffers.Values.copy_(_buffersBefore);
            return new(metrics, _verdict);
        }

        if (Plan.ClipNorm is { } clip)
        {
            _parameters.ClipGradients(norm, clip);
        }

        _optimizer.Step(rate);
        if (IsAnchor(Step + 1) && NotFinite() is { } tensor)
        {
            _verdict = _detector.Condemn(
                Step, NonFiniteRule.Name, $"After the update of step {Step} {tensor} is not finite, at a loss of {metrics.Loss:G4}.");
            return new(metrics, _verdict);
        }

        Step++;
        return new(metrics, null);
    }

    /// <summary>
    /// The session's whole state; the caller disposes it. Makes the first weights, unless <see cref="AdvanceInitialisation"/>
    /// has begun with them: then it is the state in the middle of that.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session is diverged.</exception>
    public SnapshotBuffer Capture(SnapshotOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        RequireHealthy();
        if (_phases?.Position is null)
        {
            Initialise();
        }

        using Tensor dropout = _dropout.get_state();
        using PhaseTensors phase = new(_phases);
        List<SnapshotTensor> entries = [];
        long offset = 0;
        foreach (NamedTensor tensor in ModelState.Tensors(_network)
            .Concat(OptimizerState())
            .Append(new(DropoutGenerator, dropout))
            .Concat(phase.Tensors))
        {
            long length = TensorBytes.Length(tensor.Value);
            entries.Add(new(tensor.Name, tensor.Value.dtype, new(tensor.Value.shape), offset, length));
            offset += length;
        }

        SnapshotHeader header = new()
        {
            Origin = origin,
            Step = Step,
            Updates = _optimizer.Updates,
            SamplerPosition = _sampler.Position,
            DetectorState = _detector.SaveState(),
            Specification = _specification,
            Plan = Plan,
            CriticalRate = _criticalRate,
            StabilityLimits = _specification.Schedule.StabilityCap is null ? null : [.. _limits],
            Phase = _phases?.Position,
            Tensors = new([.. entries]),
        };

        // Parameters and buffers lie in their vectors in the order of their names: one copy each.
        return SnapshotBuffer.Create(
            _pool,
            header,
            [
                _parameters.Values,
                _buffers.Values,
                .. _optimizer.State.Select(state => state.Value),
                dropout,
                .. phase.Tensors.Select(tensor => tensor.Value),
            ]);
    }

    /// <summary>
    /// Goes to the state of a snapshot of the same run, plan included, and clears a verdict. The snapshot may be of any
    /// attempt and device. After one from the middle of the initialisation that goes on from there.
    /// </summary>
    /// <exception cref="SnapshotException">
    /// The snapshot is of another run, or holds what no run has; then nothing has changed.
    /// </exception>
    public void Restore(SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        SnapshotHeader header = snapshot.Header;
        if (header.Specification.Identity() is var other && other != _identity)
        {
            throw new SnapshotException($"The snapshot is of run {other}, this session is of run {_identity}.");
        }

        RequirePlace(header);
        if (header.Phase is null && snapshot.FirstNotFinite() is { } bad)
        {
            // None is made of such a state: the run would be condemned at the next step, for something that it never did.
            throw new SnapshotException($"The snapshot of step {header.Step} holds numbers that are not finite in \"{bad}\".");
        }

        DivergenceDetector detector = DetectorOf(header);
        using Tensor dropout = _dropout.get_state();
        snapshot.CopyTo(DropoutGenerator, dropout);
        GeneratorState.Require(DropoutGenerator, dropout);
        NamedTensor[] state = [.. OptimizerState()];
        foreach (NamedTensor tensor in state)
        {
            snapshot.RequireFits(tensor.Name, tensor.Value);
        }

        InitialisationPhases? phases = PhasesOf(snapshot);
        ModelState.Load(_network, snapshot);
        foreach (NamedTensor tensor in state)
        {
            snapshot.CopyTo(tensor.Name, tensor.Value);
        }

        _dropout.set_state(dropout);
        _optimizer.Updates = header.Updates;
        _sampler.Position = header.SamplerPosition;
        _detector = detector;
        Step = header.Step;
        Plan = header.Plan;
        _criticalRate = header.CriticalRate;
        _limits = header.StabilityLimits ?? [];
        GoOnWith(phases);
        _verdict = null;
    }

    /// <summary>What is counted follows from the step.</summary>
    private void RequirePlace(SnapshotHeader header)
    {
        long drawn = (long)header.Step * _specification.Training.BatchSize;
        if (header.SamplerPosition != drawn || header.Updates != header.Step)
        {
            throw new SnapshotException(
                $"The snapshot of step {header.Step} says that {header.SamplerPosition} examples were drawn and {header.Updates} updates made; "
                + $"at that step they are {drawn} and {header.Step}.");
        }
    }

    private DivergenceDetector DetectorOf(SnapshotHeader header)
    {
        DivergenceDetector detector = NewDetector();
        try
        {
            detector.LoadState(header.DetectorState);
            return detector;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException or FormatException
            or NullReferenceException or KeyNotFoundException or OverflowException)
        {
            throw new SnapshotException(
                $"The snapshot of step {header.Step} holds no state of this run's divergence rules: {error.Message}", error);
        }
    }

    /// <summary>
    /// Trains on with another plan: the present attempt's, after <see cref="Restore"/>. The detector keeps the statistics of
    /// the restored step.
    /// </summary>
    public void Adopt(TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RequireHealthy();
        Plan = plan;
    }

    /// <summary>
    /// Begins an attempt with a plan at this step: like <see cref="Adopt"/>, with a detector that has seen nothing. What the
    /// attempt before it had come to is no measure for this one.
    /// </summary>
    public void BeginAttempt(TrainingPlan plan)
    {
        Adopt(plan);
        _detector = NewDetector();
    }

    /// <summary>
    /// Takes note of a measurement that the rates from a step on rest on (<see cref="StabilityCap"/>); one of the same
    /// snapshot replaces what was known. Part of the session's state.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An update that it limits is made already.</exception>
    public void Limit(StabilityLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        if (limit.From < Step)
        {
            throw new ArgumentOutOfRangeException(
                nameof(limit), limit, $"A limit from step {limit.From} on comes too late at step {Step}.");
        }

        _limits = StabilityCap.Needed(
            _limits.Where(known => known.MeasuredAt != limit.MeasuredAt).Append(limit), Step);
    }

    /// <summary>Loss and accuracy over the whole test set in evaluation mode. Changes no state.</summary>
    public Evaluation Evaluate()
    {
        Initialise();
        UseThreads();
        using IDisposable noGrad = no_grad();
        int count = _data.Test.Count;
        double loss = 0;
        long correct = 0;
        long targetCount = 0;
        for (int start = 0; start < count; start += EvaluationBatch)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] indices = new long[Math.Min(EvaluationBatch, count - start)];
            for (int i = 0; i < indices.Length; i++)
            {
                indices[i] = start + i;
            }

            (Tensor inputs, Tensor targets) = Batch(_data.Test, indices);
            Tensor outputs = _network.Forward(inputs, NetworkMode.Evaluate);
            loss += _loss(outputs, targets).item<float>() * (double)indices.Length;
            correct += Accuracy.Correct(outputs, targets);
            targetCount += targets.numel();
        }

        return new(Step, loss / count, (double)correct / targetCount);
    }

    /// <summary>
    /// The verdict on the evaluation of the finished run: a loss that is not finite is a divergence, and so is what a rule
    /// finds at the end. One before the end is none, since when evaluations are made only observes: what makes it so is found
    /// in the state or at the end.
    /// </summary>
    public DivergenceVerdict? Judge(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        if (_verdict is null && Finished && evaluation.Step == Step)
        {
            long perExample = Math.Max(1, _data.Train.LabelCounts.Sum() / _data.Train.Count);
            _verdict = double.IsFinite(evaluation.Loss)
                ? _detector.Conclude(new RunEnd(
                    evaluation, perExample * _data.Test.Count, perExample * _specification.Training.BatchSize))
                : _detector.Condemn(
                    Step, NonFiniteRule.Name, $"The loss over the test examples at the end, step {Step}, is {evaluation.Loss}.");
        }

        return _verdict;
    }

    /// <summary>Whether every number of the state is finite; a state that is not is worth no snapshot.</summary>
    public bool IsFinite() => NotFinite() is null;

    /// <summary>
    /// SHA-256 of the parameters as little-endian float32 in declaration order, buffers excluded, 64 lower-case hex
    /// digits.
    /// </summary>
    public string ParametersSha256()
    {
        Initialise();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using Tensor host = _parameters.Values.cpu();
        TensorBytes.ForEachPiece(host, (piece, _) => hash.AppendData(piece));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _parameters.Dispose();
        _buffersBefore.Dispose();
        _buffers.Dispose();
        _network.Dispose();
        _dropout.Dispose();
        _phases?.Dispose();
    }

    private static DivergenceVerdict? NonFinite(in StepMetrics metrics) =>
        double.IsFinite(metrics.Loss) && double.IsFinite(metrics.GradientNorm)
            ? null
            : new(
                metrics.Step,
                NonFiniteRule.Name,
                $"The loss is {metrics.Loss} and the gradient norm {metrics.GradientNorm}.",
                HealthyGradientNorm: null,
                OnsetStep: Math.Max(0, metrics.Step - 1));

    private bool IsAnchor(int step) =>
        step % _specification.Training.SnapshotEvery == 0 || step == _specification.Training.Steps;

    /// <summary>A tensor of the state that is not finite, in words; null when all are.</summary>
    private string? NotFinite()
    {
        using IDisposable noGrad = no_grad();
        return !AllFinite(_parameters.Values) ? Named("the parameter", _network.Parameters)
            : !AllFinite(_buffers.Values) ? Named("the buffer", _network.Buffers)
            : Named("the optimizer's", _optimizer.State);

        static string? Named(string what, IReadOnlyList<NamedTensor> tensors) =>
            tensors.Where(tensor => !AllFinite(tensor.Value)).Select(tensor => $"{what} {tensor.Name}").FirstOrDefault();
    }

    private static bool AllFinite(Tensor values)
    {
        using Tensor each = values.isfinite();
        using Tensor all = each.all();
        return all.item<bool>();
    }

    private DivergenceDetector NewDetector() =>
        new(_specification, Guessing.Of(_specification.Training.Loss, _data.Train.LabelCounts));

    private IEnumerable<NamedTensor> OptimizerState() =>
        _optimizer.State.Select(tensor => tensor with { Name = OptimizerPrefix + tensor.Name });

    private (Tensor Inputs, Tensor Targets) Batch(ExampleSet data, ReadOnlySpan<long> indices)
    {
        (Tensor inputs, Tensor targets) = data.Batch(indices);
        return _device.type == DeviceType.CPU ? (inputs, targets) : (inputs.to(_device), targets.to(_device));
    }

    private void UseThreads()
    {
        if (_device.type == DeviceType.CPU)
        {
            NativeThreads.Use(_specification.Training.Threads);
        }
    }

    private void RequireHealthy()
    {
        if (_verdict is not null)
        {
            throw new InvalidOperationException(
                $"The session diverged at step {_verdict.Step} ({_verdict.Rule}); restore a snapshot first.");
        }
    }
}
