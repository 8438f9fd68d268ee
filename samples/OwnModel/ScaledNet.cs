using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace OwnModel;

/// <summary>A model of your own: one hidden layer of <c>model.hidden</c> units whose output is scaled by a trained number.</summary>
public sealed class ScaledNet : INetworkFactory
{
    /// <inheritdoc/>
    public Network Create(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Shape is not ImageShape image)
        {
            throw new ArgumentException("ScaledNet takes images.");
        }

        int width = model.Hidden[0];
        return new Network(
            [
                ("flatten", new Flatten()),
                ("hidden", new FullyConnected(image.Size, width, bias: true, options)),
                ("activation", new Activation(Activation.Functions[model.Activation])),
                ("scale", new Scale(options)),
                ("classifier", new FullyConnected(width, options.Classes, bias: true, options)),
            ]);
    }
}

/// <summary>A layer of your own: x times one trained number, which starts at 1.</summary>
public sealed class Scale : Layer
{
    private readonly Tensor _factor;

    /// <summary>The identity.</summary>
    public Scale(NetworkOptions options)
    {
        _factor = Parameter([1], 1, options);
        Parameters = [new("factor", _factor)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => input * _factor;
}
