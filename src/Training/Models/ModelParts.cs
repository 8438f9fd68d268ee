using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>What the larger models share: normalisation, activation and dropout as the specification has them.</summary>
/// <exception cref="ArgumentException">The specification names an unknown activation or normalisation.</exception>
internal sealed class ModelParts(ModelSpecification model, NetworkOptions options)
{
    private readonly Normalization _normalization = Normalization.Kinds[model.Normalization];
    private readonly Func<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> _activation =
        Activation.Functions[model.Activation];

    private readonly bool _scalars = model.Initialisation?.Kind == Fixup.Name;

    /// <summary>
    /// Whether a network has neither normalisation nor Fixup's scalar biases; then its convolutions have biases.
    /// </summary>
    public bool IsPlain => model.Normalization == "none" && !_scalars;

    /// <summary>Whether a layer with this normalisation behind it needs a bias.</summary>
    public bool BiasBefore => !_normalization.CancelsBias;

    /// <summary>Normalisation, if any, Fixup's scalar bias, if chosen, and activation.</summary>
    /// <param name="index">Appended to the name <c>normalizations</c>, or to the name before <c>normalization</c>.</param>
    /// <param name="shape">Of an example there.</param>
    public IEnumerable<(string Name, Layer Layer)> Activated(string index, params long[] shape)
    {
        if (_normalization.Create(shape, options) is { } normalization)
        {
            yield return ($"normalizations.{index}", normalization);
        }

        if (_scalars)
        {
            yield return ($"activations.{index}", new ScalarBias(options));
        }

        yield return ($"activations.{index}", new Activation(_activation));
    }

    /// <summary>Only the activation.</summary>
    public (string Name, Layer Layer) Activated() => ("activation", new Activation(_activation));

    /// <summary>Fixup's scalar bias in front of a convolution or linear layer, if chosen.</summary>
    public IEnumerable<(string Name, Layer Layer)> Shifted(string name) =>
        _scalars ? [(name, new ScalarBias(options))] : [];

    /// <summary>Fixup's multiplier at the end of a branch, if chosen.</summary>
    public IEnumerable<(string Name, Layer Layer)> Multiplied() =>
        _scalars ? [("multiplier", new ScalarMultiplier(options))] : [];

    /// <summary>Dropout, if any.</summary>
    public IEnumerable<(string Name, Layer Layer)> Dropped() =>
        model.Dropout == 0 ? [] : [("dropout", new Dropout(model.Dropout, options.Dropout))];

    /// <summary>The section of the specification that a kind of model reads.</summary>
    /// <exception cref="ArgumentException">It is not there.</exception>
    public static T Required<T>(T? section, string name)
        where T : class =>
        section ?? throw new ArgumentException($"curvature.model.{name} is missing; this model is described by it.");

    /// <summary>Refuses a number that is too small.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public static void AtLeast(int minimum, string key, int value)
    {
        if (value < minimum)
        {
            throw new ArgumentException($"curvature.model.{key} is {value}; it must be at least {minimum}.");
        }
    }
}
