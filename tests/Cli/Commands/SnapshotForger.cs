using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CurvatureActors.Cli.Tests.Commands;

/// <summary>Takes a snapshot file apart and puts it together again with digests that fit: what a stranger with a text editor can do.</summary>
internal sealed class SnapshotForger
{
    private readonly byte[] _data;

    public SnapshotForger(byte[] file)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(file);
        Root = JsonNode.Parse(file.AsSpan(8, (int)length))!.AsObject();
        _data = file[(8 + (int)length)..];
    }

    /// <summary>The head; what is changed here is in the forged file.</summary>
    public JsonObject Root { get; }

    public JsonObject Metadata => Root["__metadata__"]!.AsObject();

    /// <summary>Changes the specification, which is JSON within a string.</summary>
    public void Specification(Action<JsonObject> change)
    {
        JsonObject specification = JsonNode.Parse(Metadata["specification"]!.GetValue<string>())!.AsObject();
        change(specification);
        Metadata["specification"] = specification.ToJsonString();
    }

    /// <summary>Changes the first number of the data, a float32.</summary>
    public void FirstNumber(float number)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_data, number);
        Metadata["dataSha256"] = Convert.ToHexStringLower(SHA256.HashData(_data));
    }

    public byte[] Forge()
    {
        if (Root["__metadata__"] is JsonObject metadata)
        {
            metadata["headerSha256"] = new string('0', 64);
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(Root);
        int length = (json.Length + 7) / 8 * 8;
        byte[] head = new byte[8 + length];
        BinaryPrimitives.WriteInt64LittleEndian(head, length);
        head.AsSpan(8).Fill((byte)' ');
        json.CopyTo(head.AsSpan(8));
        int place = head.AsSpan().IndexOf("\"headerSha256\":\""u8);
        if (place >= 0)
        {
            byte[] digest = SHA256.HashData(head);
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest)).CopyTo(head.AsSpan(place + "\"headerSha256\":\"".Length));
        }

        return [.. head, .. _data];
    }
}
