namespace CurvatureActors.Training.Data;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): a 64-bit generator that is the same on every machine and in every version
/// of .NET, unlike <see cref="Random"/>.
/// </summary>
/// <param name="state">Any value.</param>
public struct SplitMix64(ulong state)
{
    private const ulong Gamma = 0x9e3779b97f4a7c15;

    private ulong _state = state;

    /// <summary>
    /// A generator for one purpose out of many: its state mixes the parts one after another, so that neighbouring
    /// parts (seed 1 epoch 2, seed 2 epoch 1) give unrelated sequences.
    /// </summary>
    /// <param name="parts">For example purpose, seed, epoch.</param>
    public static SplitMix64 For(params ReadOnlySpan<long> parts)
    {
        ulong state = 0;
        foreach (long part in parts)
        {
            state = Mix(unchecked(state + Gamma + (ulong)part));
        }
        return new SplitMix64(state);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(unchecked(_state += Gamma));

    /// <summary>A number from 0 to <paramref name="bound"/> - 1, all equally likely (Lemire 2019: multiply, reject).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong range = (ulong)bound;
        ulong high = Math.BigMul(Next(), range, out ulong low);
        if (low < range)
        {
            ulong threshold = unchecked(0 - range) % range;
            while (low < threshold)
            {
                high = Math.BigMul(Next(), range, out low);
            }
        }
        return (int)high;
    }

    /// <summary>Puts <paramref name="values"/> into a random order, all orders equally likely (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int last = values.Length - 1; last > 0; last--)
        {
            int other = Below(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }
    }
}
