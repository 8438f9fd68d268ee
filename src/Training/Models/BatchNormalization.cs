using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Normalises each feature or channel by the statistics of the batch (Ioffe and Szegedy 2015), with the running
/// statistics of <see cref="NetworkMode.Evaluate"/> as buffers: momentum 0.1, epsilon 1e-5, unbiased running variance,
/// all as torch.nn.BatchNorm. Uses torch's kernel, whose second derivatives the tests check.
/// </summary>
public sealed class BatchNormalization : Layer
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

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
    public override Tensor Forward(Tensor input, NetworkMode mode) => mode switch
    {
        // Without running statistics the kernel has none to move.
        NetworkMode.Measure =>
            nn.functional.batch_norm(input, null, null, _weight, _bias, training: true, Momentum, Epsilon),
        _ => nn.functional.batch_norm(
            input, _mean, _variance, _weight, _bias, training: mode == NetworkMode.Train, Momentum, Epsilon),
    };
}
