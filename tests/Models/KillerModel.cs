using System.Diagnostics;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Tests.Models;

/// <summary>A model that the program loads, and that kills the process that trains it.</summary>
public sealed class KillerModel : INetworkFactory
{
    /// <inheritdoc/>
    public Network Create(ModelSpecification model, NetworkOptions options) => new(
    [
        ("flatten", new Flatten()),
        ("killer", new Killer()),
        ("classifier", new FullyConnected(((ImageShape)options.Shape).Size, options.Classes, bias: true, options)),
    ]);

    private sealed class Killer : Layer
    {
        public override Tensor Forward(Tensor input, NetworkMode mode)
        {
            if (mode == NetworkMode.Train)
            {
                Process.GetCurrentProcess().Kill();
            }

            return input;
        }
    }
}
