using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// The loss of any TorchSharp module over batches, as operators: exact for batches of unequal size, one function
/// whatever layers the module has, and nothing of the module changed.
/// </summary>
/// <remarks>
/// <para>
/// The loss is the one that the criterion would give on all examples at once: with a mean the mean over all examples
/// (batch i weighs n_i / N, or by <see cref="Criterion.Divisor"/>), with a sum the sum over all. Batch statistics couple the examples of a batch; then it is
/// that mean or sum of the batches' losses.
/// </para>
/// <para>
/// The policies decide each submodule's mode while a batch is evaluated, whatever mode it is in: layers with running
/// statistics (BatchNorm, InstanceNorm) follow <see cref="BatchNormPolicy"/>, all others, dropout and custom layers
/// that look at their own training flag, <see cref="DropoutPolicy"/>. Every batch is evaluated twice when an operator
/// is built, and a module that gives two answers is refused: one with state outside its buffers, with a generator of
/// its own, or that draws random numbers although dropout is off (the random state is another in each evaluation then).
/// </para>
/// <para>
/// After construction, each product and each failure all is as found, to the bit: parameters, <c>requires_grad</c>,
/// every <c>.grad</c>, registered buffers, the mode of each submodule, and the CPU's random state.
/// </para>
/// <para>
/// Limitations: module, batches and the random state must not be used by other threads while an operator is built or
/// applied. A buffer that the module replaces by another tensor is refused.
/// </para>
/// </remarks>
public sealed class ModuleLoss
{
    // Relative: halves are summed in another order than the whole.
    private const double AlikeRoundings = 1e4;

    private readonly Module<Tensor, Tensor> _module;
    private readonly ModuleBatch[] _batches;
    private readonly Criterion _criterion;
    private readonly BatchNormPolicy _batchNorm;
    private readonly DropoutPolicy _dropout;
    private readonly double[] _weights;
    private readonly bool[] _weighed; // Whether the criterion was seen to weigh a batch's examples alike.
    private long _evaluations;

    /// <summary>Describes a loss; nothing is evaluated yet.</summary>
    /// <param name="module">Any, on one device; not owned.</param>
    /// <param name="batches">At least one.</param>
    /// <param name="criterion">The loss, and whether it is a mean or a sum.</param>
    /// <param name="batchNorm">Which statistics normalisation uses.</param>
    /// <param name="dropout">Whether units are dropped, and which.</param>
    /// <exception cref="ArgumentException">No batches, a batch without examples, no parameter that requires a gradient, or a value that is none of those allowed.</exception>
    /// <exception cref="NotSupportedException">Fixed masks for a module that is not on the CPU.</exception>
    public ModuleLoss(
        Module<Tensor, Tensor> module, IReadOnlyList<ModuleBatch> batches, Criterion criterion,
        BatchNormPolicy batchNorm, DropoutPolicy dropout)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(criterion);
        ArgumentNullException.ThrowIfNull(dropout);
        if (!Enum.IsDefined(batchNorm))
        {
            throw new ArgumentOutOfRangeException(
                nameof(batchNorm), batchNorm, "Choose BatchNormPolicy.BatchStatistics or BatchNormPolicy.RunningStatistics.");
        }

        if (criterion.Reduction is not (Reduction.Mean or Reduction.Sum))
        {
            throw new ArgumentOutOfRangeException(nameof(criterion), criterion.Reduction, "The criterion's reduction must be mean or sum.");
        }

        (_module, _batches, _criterion, _batchNorm, _dropout) = (module, [.. batches], criterion, batchNorm, dropout);
        CheckBatches(_batches);
        _weighed = new bool[_batches.Length];
        (string Name, Tensor Tensor)[] trained =
        [
            .. TensorMemory.Distinct(module.named_parameters(), one => one.parameter, one => $"'{one.name}'")
                .Where(one => one.parameter.requires_grad).Select(one => (one.name, (Tensor)one.parameter)),
        ];
        if (trained.Length == 0)
        {
            throw new ArgumentException("The module has no parameter that requires a gradient.", nameof(module));
        }

        if (dropout.Seed is not null && trained[0].Tensor.device_type != DeviceType.CPU)
        {
            throw new NotSupportedException(
                $"Fixed dropout masks are for the CPU; the module is on {trained[0].Tensor.device}, whose random state could not be put back.");
        }

        Parameters = ParameterSelection.Of(trained);
        Examples = _batches.Sum(batch => batch.Count);
        _weights = Weights();
        LossTerms = [.. Counted.Select(index => new LossTerm(() => Isolated(index, () => Loss(index)), _weights[index]))];
    }

    /// <summary>
    /// The parameters that require a gradient now, by their names in the module. Frozen ones are constants of the loss and
    /// have no row in its Hessian, and neither have parameters of integer type, which can only be frozen. A tied weight is
    /// one parameter, under the first of its names.
    /// </summary>
    public ParameterSelection Parameters { get; }

    /// <summary>N, examples of all batches together.</summary>
    public long Examples { get; }

    /// <summary>The batches' losses with their weights, under the policies; for operators and estimators that take terms.</summary>
    public ImmutableArray<LossTerm> LossTerms { get; }

    /// <summary>The Hessian of the loss.</summary>
    /// <param name="parameters">Those whose block is wanted, from <see cref="Parameters"/>; all when null.</param>
    /// <param name="options">The defaults when null; determinism is checked in any case.</param>
    /// <returns>An operator that the caller owns; it needs the module and the batches.</returns>
    /// <exception cref="ArgumentException">A parameter is not float32 or float64, or of another type than the rest, or a loss is not one number.</exception>
    /// <exception cref="NonDeterministicOperatorException">The module gives two answers.</exception>
    /// <exception cref="NonSymmetricOperatorException">A layer's second derivatives are not symmetric, which is checked at two products.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate.</exception>
    public HessianOperator Hessian(ParameterSelection? parameters = null, OperatorOptions? options = null) =>
        new(Checked(parameters).Tensors, LossTerms, Checking(options));

    /// <summary>The Gauss-Newton matrix of the loss.</summary>
    /// <param name="parameters">Those whose block is wanted, from <see cref="Parameters"/>; all when null.</param>
    /// <param name="options">The defaults when null; determinism is checked in any case.</param>
    /// <returns>An operator that the caller owns; it needs the module and the batches.</returns>
    /// <exception cref="ArgumentException">A parameter is not float32 or float64, or of another type than the rest.</exception>
    /// <exception cref="NonDeterministicOperatorException">The module gives two answers.</exception>
    /// <exception cref="InvalidOperationException">The criterion has no <see cref="Criterion.Curvature"/>, or libtorch could not differentiate.</exception>
    public GaussNewtonOperator GaussNewton(ParameterSelection? parameters = null, OperatorOptions? options = null)
    {
        if (_criterion.Curvature is null && _criterion.TargetCurvature is null)
        {
            throw new InvalidOperationException("The criterion has no Curvature, which the Gauss-Newton matrix is made of.");
        }

        return new GaussNewtonOperator(
            Checked(parameters).Tensors,
            [.. Counted.Select(index => new OutputTerm(() => Isolated(index, () => Outputs(index)), Curvature(index), _weights[index]))],
            Checking(options));
    }

    /// <summary>
    /// The Hessian by differences of gradients, for layers without second derivatives. Parameters are moved and put back,
    /// so graphs recorded on them before, kept ones of other operators included, cannot be used afterwards.
    /// </summary>
    /// <param name="parameters">Those whose block is wanted, from <see cref="Parameters"/>; all when null.</param>
    /// <param name="options">The defaults when null. Determinism is checked in any case, at two products.</param>
    /// <returns>An operator that the caller owns; it needs the module and the batches.</returns>
    /// <exception cref="ArgumentException">A parameter is not float32 or float64, or of another type than the rest, or a loss is not one number.</exception>
    /// <exception cref="NonDeterministicOperatorException">The module gives two answers.</exception>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate.</exception>
    public FiniteDifferenceHessianOperator FiniteDifferences(
        ParameterSelection? parameters = null, FiniteDifferenceOptions? options = null)
    {
        var differences = new FiniteDifferenceHessianOperator(Checked(parameters).Tensors, LossTerms, options);
        try
        {
            Determinism.Require(differences);
            return differences;
        }
        catch
        {
            differences.Dispose();
            throw;
        }
    }

    private static OperatorOptions Checking(OperatorOptions? options) =>
        (options ?? new OperatorOptions()) with { CheckDeterminism = true };

    private static void CheckBatches(ModuleBatch[] batches)
    {
        if (batches.Length == 0)
        {
            throw new ArgumentException("There are no batches.", nameof(batches));
        }

        for (int index = 0; index < batches.Length; index++)
        {
            if (batches[index] is not { Inputs: { } inputs, Targets: not null } batch
                || (batch.Examples is null && inputs.dim() == 0) || batch.Count < 1)
            {
                throw new ArgumentException($"batches[{index}] has no examples.", nameof(batches));
            }
        }
    }

    private ParameterSelection Checked(ParameterSelection? parameters)
    {
        ParameterSelection selection = parameters ?? Parameters;
        for (int index = 0; index < selection.Names.Length; index++)
        {
            Tensor tensor = selection.Tensors[index];
            VectorChecks.IsReal(tensor.dtype, $"Parameter '{selection.Names[index]}'");
            if (tensor.dtype != selection.Tensors[0].dtype)
            {
                throw new ArgumentException(
                    $"Parameter '{selection.Names[index]}' is {tensor.dtype}, '{selection.Names[0]}' is {selection.Tensors[0].dtype}; select those of one type.",
                    nameof(parameters));
            }
        }

        return selection;
    }

    /// <summary>The batches that count.</summary>
    private IEnumerable<int> Counted => Enumerable.Range(0, _batches.Length).Where(index => _weights[index] > 0);

    /// <summary>What each batch's value is multiplied with.</summary>
    private double[] Weights()
    {
        if (_criterion.Reduction == Reduction.Sum)
        {
            return [.. _batches.Select(_ => 1.0)];
        }

        double[] divisors = [.. _batches.Select(batch => _criterion.Divisor?.Invoke(batch.Targets) ?? batch.Count)];
        double all = divisors.Sum();
        return divisors.All(divisor => divisor >= 0) && all > 0 && double.IsFinite(all)
            ? [.. divisors.Select(divisor => divisor / all)]
            : throw new ArgumentException(
                $"The batches' mean divides by {string.Join(", ", divisors)}; each must be at least 0, and one above (is every label ignored?).");
    }

    private OutputHessian Curvature(int index) => _criterion.TargetCurvature?.Invoke(_batches[index].Targets) ?? _criterion.Curvature!;

    private Tensor Loss(int index) => _criterion.Loss(Outputs(index), TensorMemory.Aligned(_batches[index].Targets));

    private Tensor Outputs(int index)
    {
        Tensor outputs = _module.call(TensorMemory.Aligned(_batches[index].Inputs));
        if (!_weighed[index])
        {
            RequireAlike(index, outputs);
            _weighed[index] = true;
        }

        return outputs;
    }

    /// <summary>
    /// Several batches' means are summed by their numbers of examples, which is right for a mean that weighs every example
    /// alike: the whole batch's is then that of its halves' means.
    /// </summary>
    private void RequireAlike(int index, Tensor outputs)
    {
        (ModuleBatch batch, long count) = (_batches[index], _batches[index].Count);
        if (_criterion.Reduction != Reduction.Mean || _criterion.Divisor is not null || _batches.Length == 1 || batch.Examples is not null
            || count < 2 || outputs.dim() == 0 || batch.Targets.dim() == 0 || outputs.shape[0] != count || batch.Targets.shape[0] != count)
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        long half = count / 2;
        double whole = Mean(0, count);
        double parts = ((half * Mean(0, half)) + ((count - half) * Mean(half, count - half))) / count;
        if (double.IsFinite(whole + parts)
            && Math.Abs(whole - parts) > AlikeRoundings * Determinism.Epsilon(outputs.dtype) * Math.Max(Math.Abs(whole), Math.Abs(parts)))
        {
            throw new ArgumentException(
                $"The criterion's mean over batches[{index}] is {whole:g9}, that of its halves' means {parts:g9}: it does not weigh every example alike. "
                + $"Give {nameof(Criterion)}.{nameof(Criterion.Divisor)} (class weights, ignored labels), the batches' "
                + $"{nameof(ModuleBatch.Examples)}, or a sum.");
        }

        double Mean(long start, long length) =>
            LossEvaluation.Number(_criterion.Loss(outputs.detach().narrow(0, start, length), batch.Targets.narrow(0, start, length)));
    }

    private Tensor Isolated(int index, Func<Tensor> evaluate)
    {
        // With dropout off nothing should draw. What does gets other numbers each time, so that the check refuses it.
        using var random = new RandomState(_dropout.Seed is { } seed ? unchecked(seed + index) : ++_evaluations);
        using var modes = new TrainingModes(_module, _batchNorm, _dropout);
        using var buffers = new BufferCopies(_module);
        Tensor value = evaluate();
        buffers.RequireSameTensors();
        return value;
    }
}
