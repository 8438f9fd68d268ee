using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Every operator in float32 against the same in float64, at a point and with vectors that both types hold exactly.</summary>
public sealed class Float32Tests : IDisposable
{
    private const double Error = 1e-6;

    private static readonly ScalarType[] Types = [ScalarType.Float32, ScalarType.Float64];

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, string> Cases => ArchitectureTests.Cases;

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_a_net_in_float32_then_exact_products_are_those_of_float64(string kind, string loss)
    {
        Nets net = Nets.Of(kind);
        foreach (long? memory in new long?[] { null, 0 })
        {
            var options = new OperatorOptions { GraphMemory = memory };
            Agrees($"Hessian, memory {memory}", Error, type => Hessian(net.Rounded(type), loss, options));
            Agrees($"Gauss-Newton, memory {memory}", Error, type => GaussNewton(net.Rounded(type), loss, options));
        }

        Agrees("block", Error, type =>
        {
            Nets rounded = net.Rounded(type);
            return new HessianOperator(rounded.Named.Matching("*.weight").Tensors, Terms(rounded, loss));
        });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_a_net_in_float32_then_compositions_are_those_of_float64(string kind, string loss)
    {
        Nets net = Nets.Of(kind);
        ISymmetricOperator Inner(ScalarType type) => Hessian(net.Rounded(type), loss);
        long size = net.Named.Size;
        Tensor diagonal = (Oracles.Random(501, size).abs() + 0.1).to(ScalarType.Float32);
        (_, Tensor vectors) = linalg.eigh(Oracles.Dense(Inner(ScalarType.Float64)));
        Tensor top = vectors.t().narrow(0, size - 2, 2).to(ScalarType.Float32);
        Tensor values = top.to(ScalarType.Float64).mm(Oracles.Dense(Inner(ScalarType.Float64))).mm(top.to(ScalarType.Float64).t()).diagonal();

        Agrees("preconditioned", Error, type => new PreconditionedOperator(Inner(type), diagonal.to(type)));
        Agrees("shifted", Error, type => new ShiftedOperator(Inner(type), 0.3));
        Agrees("scaled", Error, type => new ScaledOperator(Inner(type), -1.7));
        Agrees("sum", Error, type => new SumOperator(Inner(type), GaussNewton(net.Rounded(type), loss)));
        Agrees("deflated", Error, type => new DeflatedOperator(Inner(type), Oracles.Numbers(values), top.to(type)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_a_net_in_float32_then_differences_agree_with_the_exact_product_to_the_error_they_state(string kind, string loss)
    {
        Nets net = Nets.Of(kind);
        foreach ((bool central, double error) in new[] { (true, 1e-3), (false, 3e-3) })
        {
            Agrees($"central {central}", error, type =>
            {
                Nets rounded = net.Rounded(type);
                return type == ScalarType.Float64
                    ? Hessian(rounded, loss)
                    : new FiniteDifferenceHessianOperator(
                        rounded.Parameters, Terms(rounded, loss), new FiniteDifferenceOptions { Central = central });
            });
        }
    }

    private static void Agrees(string what, double error, Func<ScalarType, ISymmetricOperator> of)
    {
        ISymmetricOperator[] both = [.. Types.Select(of)];
        Tensor vectors = Oracles.Random(502, 3, both[0].Size).to(ScalarType.Float32);
        Tensor[] single = [.. both.Zip(Types, (one, type) => one.Apply(vectors[0].to(type)).to(ScalarType.Float64))];
        Tensor[] block = [.. both.Zip(Types, (one, type) => one.ApplyBlock(vectors.to(type)).to(ScalarType.Float64))];

        Assert.Equal(Types, both.Select(one => one.ScalarType));
        foreach (Tensor[] pair in new[] { single, block })
        {
            double off = linalg.norm(pair[0] - pair[1]).item<double>() / linalg.norm(pair[1]).item<double>();
            Assert.True(off < error, $"{what}: {off:g3}");
        }
    }

    private static HessianOperator Hessian(Nets net, string loss, OperatorOptions? options = null) =>
        new(net.Parameters, Terms(net, loss), options);

    private static GaussNewtonOperator GaussNewton(Nets net, string loss, OperatorOptions? options = null) => new(
        net.Parameters,
        [new OutputTerm(
            () => net.Forward(net.Inputs), loss == "mse" ? OutputHessians.SquaredError() : OutputHessians.CrossEntropy())],
        options);

    private static LossTerm[] Terms(Nets net, string loss) => [new(net.Loss(loss))];
}
