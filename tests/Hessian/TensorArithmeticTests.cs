using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests;

/// <summary>Held scalars change when a number is freed, and no bit of what comes out: against TorchSharp's own operators.</summary>
public sealed class TensorArithmeticTests
{
    public static TheoryData<ScalarType, long> Sizes()
    {
        var sizes = new TheoryData<ScalarType, long>();
        foreach (long size in new[] { 1L, 3, 17, 1000, 100_003 })
        {
            sizes.Add(ScalarType.Float32, size);
            sizes.Add(ScalarType.Float64, size);
        }

        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Given_tensors_of_any_size_then_every_result_has_the_bits_of_the_operator(ScalarType type, long size)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = Oracles.Random(1, size).to(type);
        Tensor b = Oracles.Random(2, size).to(type);
        double number = 1 / 3.0;
        using Scalar held = number.ToScalar();
        (Tensor Wanted, Tensor Found)[] pairs =
        [
            (a + b, a.Plus(b)),
            (a + number, a.Plus(held)),
            (a * number, a.Times(number)),
            (a / number, a.Over(number)),
            (a / 2, a.Over(2)),
            (a.clone().add_(b), a.clone().PlusInPlace(b)),
            (a.clone().add_(b, alpha: number), a.clone().PlusInPlace(b, number)),
            (a.clone().add_(number), a.clone().PlusInPlace(held)),
            (a.clone().sub_(1), a.clone().MinusInPlace(1)),
            (a.clone().mul_(number), a.clone().TimesInPlace(number)),
            (a.clone().div_(number), a.clone().OverInPlace(number)),
            (full_like(a, number), a.clone().FillInPlace(number)),
            (linalg.vector_norm(a), a.norm()),
            (linalg.vector_norm(a.unsqueeze(0), dims: [1], keepdim: true), a.unsqueeze(0).norm(1, keepdim: true)),
        ];

        Assert.All(pairs, pair => Assert.True(pair.Wanted.Equals(pair.Found)));
    }
}
