using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// In training, zeroes each unit with probability p and scales the rest by 1/(1-p); else the identity. Masks come
/// from an explicit CPU generator (TorchSharp's own dropout takes none), so that they are part of the session's state
/// and the same on every device.
/// </summary>
public sealed class Dropout : Layer
{
    private readonly double _keep;
    private readonly Scalar _scale;
    private readonly Generator? _generator;

    /// <summary>Dropout with probability <paramref name="probability"/> in [0, 1).</summary>
    /// <exception cref="ArgumentException">The probability is outside that range.</exception>
    public Dropout(double probability, Generator? generator)
    {
        if (!(probability >= 0 && probability < 1))
        {
            throw new ArgumentException($"The dropout probability is {probability}; allowed is 0 up to but not 1.");
        }

        _keep = 1 - probability;
        _scale = (1 / _keep).ToScalar();
        _generator = generator;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (mode != NetworkMode.Train)
        {
            return input;
        }

        if (_generator is null)
        {
            throw new InvalidOperationException("A network with dropout needs a dropout generator to train.");
        }

        Tensor mask = empty(input.shape, input.dtype, CPU).bernoulli_(_keep, _generator).mul_(_scale);
        if (input.device_type != DeviceType.CPU)
        {
            mask = mask.to(input.device);
        }

        return input * mask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _scale.Dispose();
    }
}
