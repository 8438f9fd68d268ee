using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// Turns a run's one seed into unrelated seeds for its generators. Hashed, because torch's CPU generator uses only the
/// low 32 bits and neighbouring seeds should not give related streams.
/// </summary>
public static class SeedDerivation
{
    /// <summary>The seed of one purpose ("initialisation", "dropout"), the same on every machine and in every version.</summary>
    public static ulong Derive(int seed, string purpose) => BinaryPrimitives.ReadUInt64LittleEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes($"curvature/{purpose}/{seed}")));
}
