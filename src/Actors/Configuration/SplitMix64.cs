namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// A small generator of our own for random sweeps: the same draws on every machine and every version of .NET, which
/// <see cref="Random"/> does not promise (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
/// </summary>
internal sealed class SplitMix64(ulong state)
{
    /// <summary>A stream per key: a key added to a sweep does not change what the others draw.</summary>
    public static SplitMix64 For(int seed, string key)
    {
        // FNV-1a.
        ulong hash = 14695981039346656037;
        foreach (char c in key)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return new SplitMix64(hash ^ ((ulong)seed << 32));
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble()
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
