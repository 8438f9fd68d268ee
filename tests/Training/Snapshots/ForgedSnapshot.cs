using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CurvatureActors.Training.Tests.Snapshots;

/// <summary>A snapshot file that somebody else has changed, with digests that fit.</summary>
internal static class ForgedSnapshot
{
    /// <summary>With another text in its head.</summary>
    public static byte[] Head(byte[] file, string before, string after)
    {
        (string json, byte[] data) = Split(file);
        Assert.Contains(before, json, StringComparison.Ordinal);
        return Join(json.Replace(before, after, StringComparison.Ordinal), data);
    }

    /// <summary>With another float32 as the first number of its data.</summary>
    public static byte[] FirstNumber(byte[] file, float number)
    {
        (string json, byte[] data) = Split(file);
        BinaryPrimitives.WriteSingleLittleEndian(data, number);
        return WithData(json, data);
    }

    /// <summary>With other bytes in a tensor.</summary>
    /// <param name="file">The genuine file.</param>
    /// <param name="tensor">Name of the tensor.</param>
    /// <param name="at">Where in the tensor.</param>
    /// <param name="bytes">What stands there then.</param>
    public static byte[] Bytes(byte[] file, string tensor, int at, byte[] bytes)
    {
        (string json, byte[] data) = Split(file);
        using var head = JsonDocument.Parse(json);
        int start = head.RootElement.GetProperty(tensor).GetProperty("data_offsets")[0].GetInt32();
        bytes.CopyTo(data, start + at);
        return WithData(json, data);
    }

    private static byte[] WithData(string json, byte[] data) =>
        Join(With(json, "dataSha256", Convert.ToHexStringLower(SHA256.HashData(data))), data);

    private static (string Json, byte[] Data) Split(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        return (Encoding.UTF8.GetString(file, 8, length).TrimEnd(), file[(8 + length)..]);
    }

    private static byte[] Join(string json, byte[] data)
    {
        string head = With(json, "headerSha256", new string('0', 64)).PadRight((json.Length + 7) / 8 * 8);
        byte[] sealedHead = Bytes(With(head, "headerSha256", Convert.ToHexStringLower(SHA256.HashData(Bytes(head)))));
        return [.. sealedHead, .. data];
    }

    private static byte[] Bytes(string head) => [.. BitConverter.GetBytes((long)head.Length), .. Encoding.UTF8.GetBytes(head)];

    private static string With(string json, string key, string digest)
    {
        int at = json.IndexOf($"\"{key}\":\"", StringComparison.Ordinal) + key.Length + 4;
        return json.Remove(at, digest.Length).Insert(at, digest);
    }
}
