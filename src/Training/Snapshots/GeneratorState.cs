using System.Buffers.Binary;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Snapshots;

/// <summary>
/// Whether bytes are a state of libtorch's CPU generator (mt19937). Asked before they are handed over: libtorch ends the
/// process over some of those that are none, and reads beyond its numbers for others.
/// </summary>
/// <remarks>
/// The bytes are libtorch's own struct, as it lies in memory: seed (64 bits), numbers left and whether it is seeded (32 bits
/// each), the next number (64), 624 numbers of 32 bits in 64 each, the second of two normal numbers in three float64 and
/// whether there is one (32), 32 unused, the same as a float32 with a flag of a byte.
/// </remarks>
internal static class GeneratorState
{
    private const int Numbers = 624;
    private const int PlaceOfLeft = 8;
    private const int PlaceOfSeeded = 12;
    private const int PlaceOfNext = 16;
    private const int PlaceOfNumbers = 24;
    private const int PlaceOfNormalFlag = PlaceOfNumbers + (Numbers * sizeof(ulong)) + (3 * sizeof(double));
    private const int PlaceOfSingleFlag = PlaceOfNormalFlag + (2 * sizeof(int)) + sizeof(float);
    private const int Length = PlaceOfSingleFlag + sizeof(int);

    /// <summary>Requires that they are.</summary>
    /// <param name="name">What the snapshot calls them.</param>
    /// <param name="state">They, as long as a state of this libtorch.</param>
    /// <exception cref="SnapshotException">They are not.</exception>
    public static void Require(string name, Tensor state)
    {
        byte[] bytes = new byte[TensorBytes.Length(state)];
        TensorBytes.ForEachPiece(state, (piece, offset) => piece.CopyTo(bytes.AsSpan((int)offset)));
        if (!IsSound(bytes))
        {
            throw new SnapshotException($"Snapshot tensor \"{name}\" is no state of a random generator.");
        }
    }

    private static bool IsSound(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            return false;
        }

        int left = BinaryPrimitives.ReadInt32LittleEndian(bytes[PlaceOfLeft..]);
        ulong next = BinaryPrimitives.ReadUInt64LittleEndian(bytes[PlaceOfNext..]);

        // Seeded, it makes its numbers at the first draw; from there on one is left less for each that was drawn.
        bool placed = (left == 1 && next == 0)
            || (left is >= 1 and <= Numbers && next == (ulong)(Numbers + 1 - left));
        bool sound = placed
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[PlaceOfSeeded..]) == 1
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[PlaceOfNormalFlag..]) is 0 or 1
            && bytes[PlaceOfSingleFlag] is 0 or 1;
        for (int i = 0; sound && i < Numbers; i++)
        {
            sound = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(PlaceOfNumbers + (i * sizeof(ulong)))..]) <= uint.MaxValue;
        }

        return sound;
    }
}
