using System.Security.Cryptography;
using System.Text;

namespace CurvatureActors.Training.Data;

/// <summary>The two parts of a data set as they lie in its files; same shape and classes.</summary>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
public sealed record ByteSplit(ByteImages Train, ByteImages Test)
{
    /// <summary>SHA-256 of all pixels and labels, 64 lower-case hex digits: the same however the files are packed.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ByteImages part in (ByteImages[])[Train, Test])
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{part.Count} {part.Shape} {part.Classes}\n"));
            hash.AppendData(part.Pixels.Span);
            hash.AppendData(part.Labels.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
