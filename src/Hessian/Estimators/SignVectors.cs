using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Estimators;

/// <summary>
/// Random vectors of signs, none of them twice: z and -z say the same of z'Az, so there are 2^(n-1), and of a small n chance
/// would soon draw one again.
/// </summary>
/// <param name="target">Whose size, type and device they have.</param>
/// <param name="generator">Where they come from.</param>
internal sealed class SignVectors(ISymmetricOperator target, Generator generator)
{
    /// <summary>Above it two of as many draws as anybody makes are never the same.</summary>
    private const int LargestCounted = 48;

    private readonly HashSet<long> _drawn = [];

    /// <summary>How many there are; infinite where they are not counted.</summary>
    internal double Count => target.Size <= LargestCounted ? Math.Pow(2, target.Size - 1) : double.PositiveInfinity;

    /// <summary>A new one. Not more often than there are.</summary>
    internal Tensor Next()
    {
        while (true)
        {
            Tensor bits = empty([target.Size], ScalarType.Float32, CPU).bernoulli_(0.5, generator);
            if (double.IsInfinity(Count) || _drawn.Add(Pattern(bits)))
            {
                return bits.TimesInPlace(2).MinusInPlace(1).to(target.ScalarType).to(target.Device);
            }

            bits.Dispose();
        }
    }

    /// <summary>The signs as a number, the same for z and -z.</summary>
    private static long Pattern(Tensor bits)
    {
        float[] numbers = [.. bits.data<float>()];
        return numbers.Skip(1).Aggregate(0L, (pattern, bit) => 2 * pattern + (bit == numbers[0] ? 1 : 0));
    }
}
