using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Tests.Models;

/// <summary>A model that trains well and whose outputs in evaluation are no numbers.</summary>
public sealed class BlindModel : INetworkFactory
{
    /// <inheritdoc/>
    public Network Create(ModelSpecification model, NetworkOptions options) => new(
    [
        ("flatten", new Flatten()),
        ("classifier", new FullyConnected(((ImageShape)options.Shape).Size, options.Classes, bias: true, options)),
        ("blind", new Blind()),
    ]);

    private sealed class Blind : Layer
    {
        public override Tensor Forward(Tensor input, NetworkMode mode) =>
            mode == NetworkMode.Evaluate ? full_like(input, float.NaN) : input;
    }
}
