using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Convolution, BatchNorm2d, dropout and a linear layer as TorchSharp's modules, and the same written out.</summary>
internal sealed class NormNet : Module<Tensor, Tensor>
{
    internal const double Dropped = 0.4;

    private readonly Conv2d _conv = Conv2d(1, 2, 3, padding: 1, dtype: ScalarType.Float64);
    private readonly BatchNorm2d _norm = BatchNorm2d(2, dtype: ScalarType.Float64);
    private readonly Sequential _rest = Sequential(
        ("tanh", Tanh()), ("pool", AvgPool2d(2)), ("flat", Flatten()), ("drop", Dropout(Dropped)),
        ("out", Linear(8, 3, dtype: ScalarType.Float64)));

    internal NormNet()
        : base(nameof(NormNet))
    {
        RegisterComponents();
        TestModules.Fill(this, 400);
        using (no_grad())
        {
            _norm.running_mean!.copy_(tensor(new[] { 0.3, -0.2 }));
            _norm.running_var!.copy_(tensor(new[] { 1.7, 0.6 }));
            _norm.num_batches_tracked!.fill_(11);
        }
    }

    internal bool Fails { get; set; }

    internal Tensor[] All => [.. parameters()];

    internal void MixModes()
    {
        train();
        _norm.eval();
        _rest.eval();
        ((Module)_rest.children().ElementAt(3)).train();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor hidden = _rest.call(_norm.call(_conv.call(input)));
        return Fails ? throw new InvalidDataException("fails half way") : hidden;
    }

    /// <summary>The same net without modules; the mask is of shape [n, 8] and holds the factor 1 / (1 - p).</summary>
    internal Tensor WrittenOut(Tensor input, bool batchStatistics, Tensor? mask)
    {
        Tensor z = functional.conv2d(input, _conv.weight, _conv.bias, padding: [1, 1]);
        Tensor mean = batchStatistics ? z.mean([0, 2, 3]) : tensor(new[] { 0.3, -0.2 });
        Tensor centred = z - mean.view(1, 2, 1, 1);
        Tensor variance = batchStatistics ? centred.pow(2).mean([0, 2, 3]) : tensor(new[] { 1.7, 0.6 });
        Tensor normal = centred / (variance.view(1, 2, 1, 1) + 1e-5).sqrt();
        Tensor active = (normal * _norm.weight.view(1, 2, 1, 1) + _norm.bias!.view(1, 2, 1, 1)).tanh();
        Tensor flat = functional.avg_pool2d(active, 2).flatten(1);
        var linear = (Linear)_rest.children().Last();
        return functional.linear(mask is null ? flat : flat * mask, linear.weight, linear.bias);
    }
}

/// <summary>Scales by a buffer that it first moves in place, as moving averages are: the graph needs the moved value.</summary>
internal sealed class MovingScale : Module<Tensor, Tensor>
{
    private readonly Tensor _scale = ones(4, dtype: ScalarType.Float64);
    private readonly Linear _linear = Linear(4, 3, dtype: ScalarType.Float64);

    internal MovingScale()
        : base(nameof(MovingScale))
    {
        register_buffer("scale", _scale);
        register_module("linear", _linear);
        TestModules.Fill(this, 500);
    }

    internal Tensor Scale => _scale;

    public override Tensor forward(Tensor input)
    {
        using (no_grad())
        {
            _scale.mul_(0.9).add_(input.mean([0]), alpha: 0.1);
        }

        return WrittenOut(input, _scale);
    }

    internal Tensor WrittenOut(Tensor input, Tensor scale) =>
        functional.linear(input, _linear.weight, _linear.bias).tanh().pow(2) * scale.narrow(0, 0, 3);
}

/// <summary>A linear layer whose outputs are multiplied by what a function says.</summary>
internal sealed class Disturbed : Module<Tensor, Tensor>
{
    private readonly Linear _linear = Linear(4, 3, dtype: ScalarType.Float64);
    private readonly Func<Disturbed, double> _factor;

    internal Disturbed(Func<Disturbed, double> factor)
        : base(nameof(Disturbed))
    {
        _factor = factor;
        RegisterComponents();
        register_buffer("counter", zeros(1, dtype: ScalarType.Float64));
        TestModules.Fill(this, 600);
    }

    internal void ReplaceBuffer() => ConditionallyRegisterBuffer("counter", ones(1, dtype: ScalarType.Float64));

    public override Tensor forward(Tensor input) => _linear.call(input) * _factor(this);
}

internal static class TestModules
{
    internal static void Fill(Module module, ulong seed)
    {
        using IDisposable quiet = no_grad();
        foreach (Tensor parameter in module.parameters())
        {
            using Tensor values = Oracles.Random(seed++, parameter.shape);
            parameter.copy_(values * 0.5);
        }
    }
}
