namespace CurvatureActors.Training.Data;

/// <summary>The checksum of gzip: CRC-32 of IEEE 802.3, reflected polynomial 0xedb88320.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xedb88320;

    private static readonly uint[] Table = MakeTable();

    /// <summary>State before the first byte.</summary>
    public const uint Start = 0xffffffff;

    /// <summary>State after further bytes.</summary>
    public static uint Add(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            state = Table[(byte)(state ^ value)] ^ (state >> 8);
        }

        return state;
    }

    /// <summary>The checksum of a state.</summary>
    public static uint End(uint state) => ~state;

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
