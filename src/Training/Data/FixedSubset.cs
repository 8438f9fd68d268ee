namespace CurvatureActors.Training.Data;

/// <summary>The training examples that lambda1 is measured over: drawn once, the same at every step of a run.</summary>
public static class FixedSubset
{
    private const int Purpose = 2;

    /// <summary>
    /// Draws without replacement: the first <paramref name="count"/> of a random order that depends on the seed
    /// alone (and not on that of <see cref="BatchSampler"/>), put in ascending order. For the same seed a larger set
    /// contains the smaller ones.
    /// </summary>
    /// <param name="examples">Number of training examples.</param>
    /// <param name="count">How many to draw.</param>
    /// <param name="seed">Any value.</param>
    /// <returns>Different numbers from 0 to <paramref name="examples"/> - 1, ascending.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is below 1, or <paramref name="count"/> is more than there are.
    /// </exception>
    public static long[] Draw(int examples, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count > examples)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"{count} different examples cannot be drawn from {examples}.");
        }

        long[] order = new long[examples];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        SplitMix64.For(Purpose, seed).Shuffle<long>(order);
        long[] drawn = order[..count];
        Array.Sort(drawn);
        return drawn;
    }
}
