using CurvatureActors.Training.Data;

namespace CurvatureActors.Actors.Configuration;

/// <summary>The draws of one key of a random sweep: a key added to a sweep does not change what the others draw.</summary>
internal sealed class KeyDraws
{
    private SplitMix64 _generator;

    /// <summary>The stream of a key; its state mixes the seed with the key's FNV-1a hash.</summary>
    public KeyDraws(int seed, string key)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in key)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        _generator = new SplitMix64(hash ^ ((ulong)seed << 32));
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Next() => (_generator.Next() >> 11) * (1.0 / (1UL << 53));
}
