using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Snapshots;

/// <summary>
/// The head of a safetensors file: 8 bytes little-endian length, JSON padded with spaces to a multiple of 8. What is not
/// a tensor is in the string map <c>__metadata__</c>. Two digests cover every byte: <c>dataSha256</c> the data section,
/// <c>headerSha256</c> the head itself, its own 64 digits taken as zeros.
/// </summary>
internal static class SafetensorsHeader
{
    internal const string Format = "curvature-actors/snapshot/1";

    /// <summary>The safetensors library refuses longer ones.</summary>
    private const long MaximumLength = 100_000_000;

    private static readonly byte[] HeaderDigestKey = "\"headerSha256\":\""u8.ToArray();
    private static readonly byte[] DataDigestKey = "\"dataSha256\":\""u8.ToArray();
    private static readonly string NoDigest = new('0', 64);

    private static readonly (ScalarType Type, string Name, int Size)[] Types =
    [
        (ScalarType.Float32, "F32", 4),
        (ScalarType.Float64, "F64", 8),
        (ScalarType.Int64, "I64", 8),
        (ScalarType.Byte, "U8", 1),
    ];

    /// <summary>The head with the digests still zero; its length does not depend on them.</summary>
    internal static byte[] Write(SnapshotHeader header)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", Format);
            json.WriteString("run", header.Origin.Run);
            json.WriteString("attempt", header.Origin.Attempt.ToString());
            json.WriteString("epoch", header.Origin.Epoch.ToString());
            json.WriteString("step", header.Step.ToString());
            json.WriteString("updates", header.Updates.ToString());
            json.WriteString("samplerPosition", header.SamplerPosition.ToString());
            json.WriteString("specification", SpecificationJson.Canonical(header.Specification));
            json.WriteString(
                "plan", JsonSerializer.SerializeToUtf8Bytes(header.Plan, SpecificationJson.Default.TrainingPlan));
            json.WriteString("detector", header.DetectorState);
            if (header.CriticalRate is { } criticalRate)
            {
                json.WriteString("criticalRate", criticalRate.ToString("R", CultureInfo.InvariantCulture));
            }

            if (header.StabilityLimits is { } limits)
            {
                json.WriteString("stabilityLimits", JsonSerializer.SerializeToUtf8Bytes(
                    limits, SpecificationJson.Default.EquatableListStabilityLimit));
            }

            if (header.Phase is { } phase)
            {
                json.WriteString("phase", phase.Name);
                json.WriteString("phaseStep", phase.Step.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteString("dataSha256", NoDigest);
            json.WriteString("headerSha256", NoDigest);
            json.WriteEndObject();
            foreach (SnapshotTensor tensor in header.Tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", Types.Single(type => type.Type == tensor.ScalarType).Name);
                json.WriteStartArray("shape");
                foreach (long extent in tensor.Shape)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(tensor.Offset);
                json.WriteNumberValue(tensor.Offset + tensor.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int length = (buffer.WrittenCount + 7) / 8 * 8;
        byte[] head = new byte[8 + length];
        BinaryPrimitives.WriteInt64LittleEndian(head, length);
        head.AsSpan(8).Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(head.AsSpan(8));
        return head;
    }

    /// <summary>Puts the digests in.</summary>
    internal static void Seal(Span<byte> head, ReadOnlySpan<byte> dataDigest)
    {
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(dataDigest), DigestIn(head, DataDigestKey));
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(head)), DigestIn(head, HeaderDigestKey));
    }

    /// <summary>Length of the whole head from its first 8 bytes.</summary>
    /// <exception cref="FormatException">It cannot be.</exception>
    internal static long Length(ReadOnlySpan<byte> start, long fileLength)
    {
        if (start.Length < 8)
        {
            throw new FormatException($"it ends after {start.Length} bytes, before its header");
        }

        long length = BinaryPrimitives.ReadInt64LittleEndian(start);
        if (length is < 2 or > MaximumLength)
        {
            throw new FormatException("it is not a safetensors file");
        }

        return 8 + length <= fileLength
            ? 8 + length
            : throw new FormatException($"it is cut off: {fileLength} bytes, with a header of {8 + length}");
    }

    /// <summary>Reads and checks the head of a file of this length.</summary>
    /// <exception cref="FormatException">It is damaged; the message completes "Snapshot X is damaged: ".</exception>
    internal static SnapshotHeader Read(ReadOnlySpan<byte> head, long fileLength, out byte[] dataDigest)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(head[8..].ToArray());
        }
        catch (JsonException exception)
        {
            throw new FormatException("its header is not JSON", exception);
        }

        using (document)
        {
            try
            {
                return Read(document.RootElement, head, fileLength, out dataDigest);
            }
            catch (Exception exception) when (exception
                is JsonException or KeyNotFoundException or InvalidOperationException or OverflowException
                or ArgumentException or NotSupportedException)
            {
                throw new FormatException($"its header is wrong ({exception.Message})", exception);
            }
        }
    }

    private static SnapshotHeader Read(
        JsonElement root, ReadOnlySpan<byte> head, long fileLength, out byte[] dataDigest)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("__metadata__", out JsonElement metadata)
            || metadata.ValueKind != JsonValueKind.Object
            || !metadata.TryGetProperty("format", out JsonElement format))
        {
            throw new FormatException("it was not written by this program");
        }

        if (format.ToString() != Format)
        {
            throw new FormatException($"its format is \"{format}\", this program reads \"{Format}\"");
        }

        CheckOwnDigest(head);
        dataDigest = Convert.FromHexString(Text(metadata, "dataSha256"));
        SnapshotHeader header = new()
        {
            Origin = new(Text(metadata, "run"), Int(metadata, "attempt"), Whole(metadata, "epoch")),
            Step = Int(metadata, "step"),
            Updates = Whole(metadata, "updates"),
            SamplerPosition = Whole(metadata, "samplerPosition"),
            DetectorState = Text(metadata, "detector"),
            Specification = JsonSerializer.Deserialize(
                Text(metadata, "specification"), SpecificationJson.Default.RunSpecification)
                ?? throw new FormatException("its specification is null"),
            Plan = JsonSerializer.Deserialize(Text(metadata, "plan"), SpecificationJson.Default.TrainingPlan)
                ?? throw new FormatException("its plan is null"),
            CriticalRate = metadata.TryGetProperty("criticalRate", out JsonElement criticalRate)
                ? Rate(criticalRate.GetString())
                : null,
            StabilityLimits = metadata.TryGetProperty("stabilityLimits", out JsonElement limits)
                ? JsonSerializer.Deserialize(limits.GetString()!, SpecificationJson.Default.EquatableListStabilityLimit)
                : null,
            Phase = metadata.TryGetProperty("phase", out JsonElement phase)
                ? new(phase.GetString()!, Int(metadata, "phaseStep"))
                : null,
            Tensors = [.. Tensors(root, fileLength - head.Length)],
        };
        return (SpecificationRanges.Fault(header.Specification) ?? SpecificationRanges.Fault(header.Plan)) is { } fault
            ? throw new FormatException(fault)
            : header.Step > header.Specification.Training.Steps
            ? throw new FormatException($"its step is {header.Step}, and its run has {header.Specification.Training.Steps}")
            : header;
    }

    private static IEnumerable<SnapshotTensor> Tensors(JsonElement root, long dataLength)
    {
        long end = 0;
        HashSet<string> names = [];
        foreach (JsonProperty property in root.EnumerateObject().Where(property => property.Name != "__metadata__"))
        {
            string dtype = Text(property.Value, "dtype");
            (ScalarType type, _, int size) = Types.SingleOrDefault(known => known.Name == dtype);
            long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64())];
            long[] offsets =
                [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
            long length = Length(property.Name, size, shape);
            if (!names.Add(property.Name))
            {
                throw new FormatException($"its tensor \"{property.Name}\" is there twice");
            }

            if (size == 0 || shape.Any(extent => extent < 0) || offsets.Length != 2 || offsets[0] != end || offsets[1] - offsets[0] != length)
            {
                throw new FormatException($"its tensor \"{property.Name}\" has a wrong type, shape or place");
            }

            end = offsets[1];
            yield return new(property.Name, type, new(shape), offsets[0], length);
        }

        if (end != dataLength)
        {
            throw new FormatException(
                $"it is {(dataLength < end ? "cut off" : "too long")}: {dataLength} bytes of data, {end} in its header");
        }
    }

    private static long Length(string name, int size, long[] shape)
    {
        try
        {
            return shape.Aggregate((long)size, (product, extent) => checked(product * extent));
        }
        catch (OverflowException)
        {
            throw new FormatException($"its tensor \"{name}\" has more numbers than there can be");
        }
    }

    private static string Text(JsonElement element, string key) =>
        (element.TryGetProperty(key, out JsonElement value) ? value.GetString() : null)
            ?? throw new FormatException($"\"{key}\" is missing from its header");

    private static int Int(JsonElement metadata, string key)
    {
        long number = Whole(metadata, key);
        return number <= int.MaxValue
            ? (int)number
            : throw new FormatException($"its {key} is {number}, at most {int.MaxValue} is allowed");
    }

    /// <summary>Nothing that is counted here is negative.</summary>
    private static long Whole(JsonElement metadata, string key) =>
        long.TryParse(Text(metadata, key), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new FormatException($"its {key} is \"{Text(metadata, key)}\", a whole number from 0 on is needed");

    private static double Rate(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && double.IsFinite(rate) && rate > 0
            ? rate
            : throw new FormatException($"its criticalRate is \"{text}\", a positive number is needed");

    private static void CheckOwnDigest(ReadOnlySpan<byte> head)
    {
        byte[] copy = head.ToArray();
        Span<byte> digits = DigestIn(copy, HeaderDigestKey);
        string stated = Encoding.ASCII.GetString(digits);
        digits.Fill((byte)'0');
        if (stated != Convert.ToHexStringLower(SHA256.HashData(copy)))
        {
            throw new FormatException("its header does not match its digest");
        }
    }

    // A quote inside a JSON string is escaped, so the key cannot be part of somebody's text.
    private static Span<byte> DigestIn(Span<byte> head, byte[] key)
    {
        int start = head.IndexOf(key);
        return start >= 0 && start + key.Length + NoDigest.Length <= head.Length
            ? head.Slice(start + key.Length, NoDigest.Length)
            : throw new FormatException("its header has no digest");
    }
}
