using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Strings layers together and keeps track of the shape between them. After each convolution and hidden layer come
/// normalisation, activation, dropout, in this order.
/// </summary>
public sealed class NetworkBuilder
{
    private readonly ModelSpecification _model;
    private readonly NetworkOptions _options;
    private readonly Normalization _normalization;
    private readonly Func<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> _activation;
    private readonly List<(string Name, Layer Layer)> _layers = [];
    private long[] _shape;

    /// <summary>Starts with the images themselves.</summary>
    /// <exception cref="ArgumentException">The specification names an unknown activation or normalisation.</exception>
    public NetworkBuilder(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _model = model;
        _options = options;
        _normalization = Normalization.Kinds[model.Normalization];
        _activation = Activation.Functions[model.Activation];
        _shape = options.Image().Dimensions;
    }

    /// <summary>Adds a strided convolution and what follows it, named <c>convolutions.i</c>.</summary>
    public NetworkBuilder Convolutions(IReadOnlyList<int> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        for (int i = 0; i < channels.Count; i++)
        {
            RequirePositive("channels", channels[i]);
            string name = $"convolutions.{i}";
            _layers.Add((name, new Convolution(_shape[0], channels[i], !_normalization.CancelsBias, _options)));
            _shape = [channels[i], (_shape[1] + 1) / 2, (_shape[2] + 1) / 2];
            AddNonlinearity(name);
        }

        return this;
    }

    /// <summary>Flattens and adds hidden fully connected layers and what follows each, named <c>hidden.i</c>.</summary>
    public NetworkBuilder Hidden(IReadOnlyList<int> widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        _layers.Add(("flatten", new Flatten()));
        _shape = [_shape.Aggregate((a, b) => a * b)];
        for (int i = 0; i < widths.Count; i++)
        {
            RequirePositive("hidden", widths[i]);
            string name = $"hidden.{i}";
            _layers.Add((name, new FullyConnected(_shape[0], widths[i], !_normalization.CancelsBias, _options)));
            _shape = [widths[i]];
            AddNonlinearity(name);
        }

        return this;
    }

    /// <summary>Adds the last linear layer, named <c>classifier</c>, and ends.</summary>
    public Network Classifier()
    {
        _layers.Add(("classifier", new FullyConnected(_shape[0], _options.Classes, bias: true, _options)));
        return new Network(_layers);
    }

    /// <summary>See <see cref="ModelKind.FewestPositions"/>; an mlp has no convolutions, whatever its channels say.</summary>
    internal static long? FewestPositions(ModelSpecification model, ImageShape image)
    {
        if (model.Hidden.Count > 0)
        {
            return 1;
        }

        if (model.Kind == "mlp")
        {
            return null;
        }

        long height = image.Height;
        long width = image.Width;
        for (int i = 0; i < model.Channels.Count; i++)
        {
            (height, width) = ((height + 1) / 2, (width + 1) / 2);
        }

        return height * width;
    }

    private void AddNonlinearity(string name)
    {
        if (_normalization.Create(_shape, _options) is { } normalization)
        {
            _layers.Add(($"{name}.normalization", normalization));
        }

        _layers.Add(($"{name}.activation", new Activation(_activation)));
        if (_model.Dropout != 0)
        {
            _layers.Add(($"{name}.dropout", new Dropout(_model.Dropout, _options.Dropout)));
        }
    }

    private static void RequirePositive(string what, int value)
    {
        if (value <= 0)
        {
            throw new ArgumentException($"The model's {what} contain {value}; allowed are whole numbers above 0.");
        }
    }
}
