using CurvatureActors.Hessian;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Normalises each feature or channel by the statistics of the batch (Ioffe and Szegedy 2015), with the running
/// statistics of <see cref="NetworkMode.Evaluate"/> as buffers: momentum 0.1, epsilon 1e-5, unbiased running variance,
/// all as torch.nn.BatchNorm, which like this refuses to train on one value a feature.
/// </summary>
/// <remarks>
/// Training and evaluation use torch's kernel. <see cref="NetworkMode.Measure"/> and <see cref="NetworkMode.Primitive"/> are
/// written from primitives: measured with libtorch 2.10, the kernel's second derivatives are right and its third ones, which
/// MetaInit needs, are wrong.
/// </remarks>
public sealed class BatchNormalization : Layer
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    private static readonly long[] VectorBatch = [0];
    private static readonly long[] ImageBatch = [0, 2, 3];

    private readonly Scalar _epsilon = Epsilon.ToScalar();
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Tensor _mean;
    private readonly Tensor _variance;

    /// <summary>Normalises this many features (dimension 1 of the input).</summary>
    public BatchNormalization(long features, NetworkOptions options)
    {
        _weight = Parameter([features], 1, options);
        _bias = Parameter([features], 0, options);
        _mean = Constant([features], 0, options);
        _variance = Constant([features], 1, options);
        Parameters = [new("weight", _weight), new("bias", _bias)];
        Buffers = [new("running_mean", _mean), new("running_var", _variance)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Buffers { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (mode == NetworkMode.Train && input.numel() == _mean.numel())
        {
            // The kernel takes it: the outputs are 0 and the running variance, 0/0, is NaN for good.
            throw new ArgumentException(
                $"Batch normalisation needs more than one value for each of its {_mean.numel()} features to train on; the batch "
                + $"has the shape [{string.Join(", ", input.shape)}]: use a larger curvature.training.batch-size or another normalization.");
        }

        if (mode is NetworkMode.Train or NetworkMode.Evaluate)
        {
            return nn.functional.batch_norm(
                input, _mean, _variance, _weight, _bias, training: mode == NetworkMode.Train, Momentum, Epsilon);
        }

        bool image = input.dim() == 4;
        long[] batch = image ? ImageBatch : VectorBatch;
        Tensor centred = input - input.mean(batch, keepdim: true);
        Tensor variance = (centred * centred).mean(batch, keepdim: true);
        Tensor normalised = centred * variance.Plus(_epsilon).rsqrt();
        return image
            ? (normalised * _weight.view(1, -1, 1, 1)).Plus(_bias.view(1, -1, 1, 1))
            : (normalised * _weight).Plus(_bias);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _epsilon.Dispose();
    }
}
