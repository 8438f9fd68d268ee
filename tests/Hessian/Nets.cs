using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests;

/// <summary>Small float64 nets of every kind the operators must cover, from functional operations, all smooth.</summary>
internal sealed class Nets
{
    private readonly Func<Tensor[], Tensor, Tensor> _forward;

    private Nets(string[] names, long[][] shapes, long[] input, Func<Tensor[], Tensor, Tensor> forward)
    {
        Parameters = [.. shapes.Select((shape, index) => Oracles.Parameter(Oracles.Random((ulong)(200 + index), shape) * 0.5))];
        Named = ParameterSelection.Of(names.Zip(Parameters));
        Inputs = Oracles.Random(300, input);
        Targets = Oracles.Random(301, input[0], Outputs);
        _forward = forward;
    }

    private Nets(Nets other, ScalarType type)
    {
        Parameters = [.. other.Parameters.Select(parameter => Oracles.Parameter(parameter.detach().to(ScalarType.Float32).to(type)))];
        Named = ParameterSelection.Of(other.Named.Names.Zip(Parameters));
        Inputs = other.Inputs.to(ScalarType.Float32).to(type);
        Targets = other.Targets.to(ScalarType.Float32).to(type);
        _forward = other._forward;
    }

    internal static IEnumerable<string> Kinds => ["mlp", "cnn", "batch-norm", "layer-norm", "residual", "attention"];

    internal Tensor[] Parameters { get; }

    internal ParameterSelection Named { get; }

    internal Tensor Inputs { get; }

    internal static int Outputs => 3;

    internal Tensor Labels => arange(Inputs.shape[0]) % Outputs;

    internal Tensor Targets { get; }

    internal static Nets Of(string kind) => kind switch
    {
        "mlp" => new(
            ["1.weight", "1.bias", "2.weight", "2.bias"], [[5, 4], [5], [3, 5], [3]], [5, 4],
            (p, x) => functional.linear(functional.linear(x, p[0], p[1]).tanh(), p[2], p[3])),
        "cnn" => new(
            ["conv.weight", "conv.bias", "out.weight", "out.bias"], [[2, 1, 3, 3], [2], [3, 18], [3]], [5, 1, 6, 6],
            (p, x) => functional.linear(
                functional.avg_pool2d(functional.softplus(functional.conv2d(x, p[0], p[1], padding: [1, 1])), 2).flatten(1),
                p[2], p[3])),
        "batch-norm" => new(
            ["1.weight", "norm.weight", "norm.bias", "2.weight"], [[4, 4], [4], [4], [3, 4]], [6, 4],
            (p, x) =>
            {
                Tensor hidden = functional.batch_norm(x.mm(p[0].t()), null, null, p[1], p[2], training: true);
                return hidden.tanh().mm(p[3].t());
            }),
        "layer-norm" => new(
            ["1.weight", "norm.weight", "norm.bias", "2.weight"], [[4, 4], [4], [4], [3, 4]], [5, 4],
            (p, x) => functional.layer_norm(x.mm(p[0].t()), [4], p[1], p[2]).sigmoid().mm(p[3].t())),
        "residual" => new(
            ["block.1.weight", "block.2.weight", "out.weight"], [[4, 4], [4, 4], [3, 4]], [5, 4],
            (p, x) => (x + x.mm(p[0]).tanh().mm(p[1])).tanh().mm(p[2].t())),
        "attention" => new(
            ["query.weight", "key.weight", "value.weight", "out.weight"], [[4, 3], [4, 3], [4, 3], [3, 3]], [3, 4, 4],
            (p, x) =>
            {
                Tensor scores = einsum("btd,de,bsf,fe->bts", x, p[0], x, p[1]) / Math.Sqrt(3);
                return einsum("bts,bsd,de,ec->btc", scores.softmax(-1), x, p[2], p[3]).mean([1]);
            }),
        _ => throw new ArgumentException(kind),
    };

    /// <summary>The net at numbers that float32 holds exactly, in float32 or float64: the same function at the same point.</summary>
    internal Nets Rounded(ScalarType type) => new(this, type);

    internal Tensor Forward(Tensor inputs) => _forward(Parameters, inputs);

    internal Tensor CrossEntropy() => functional.cross_entropy(Forward(Inputs), Labels);

    internal Tensor Squared() => functional.mse_loss(Forward(Inputs), Targets);

    internal Func<Tensor> Loss(string name) => name == "mse" ? Squared : CrossEntropy;
}
