namespace CurvatureActors.Training.Data;

/// <summary>What all readers share: opening, reading to an exact length, the errors of both.</summary>
internal static class DataFile
{
    private const int FirstBlock = 1 << 20;

    /// <summary>Refuses a folder that is not there.</summary>
    public static void RequireDirectory(string directory, string content, string home)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
        {
            throw DataSetException.Damaged(
                directory,
                $"a directory with {content}",
                File.Exists(directory) ? "a file" : "no such directory",
                home);
        }
    }

    /// <summary>Refuses a label that stands for no class.</summary>
    public static void RequireLabels(string path, ReadOnlySpan<byte> labels, int classes, string home)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= classes)
            {
                throw DataSetException.Damaged(
                    path, $"labels from 0 to {classes - 1}", $"label {labels[i]} at image {i}", home);
            }
        }
    }

    /// <summary>Opens a file and turns whatever the system or the decompressor objects to into our error.</summary>
    public static T Read<T>(string path, string home, Func<FileStream, T> read)
    {
        if (PlainFile.Instead(path) is { } instead)
        {
            throw DataSetException.Damaged(path, "a file", instead, home);
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw DataSetException.Damaged(path, "a readable file", $"an error ({Clause(error)})", home, error);
        }
    }

    /// <summary>Whether two files have the same bytes.</summary>
    /// <exception cref="DataSetException">One cannot be read.</exception>
    public static bool AreEqual(string path, string other, string home) => Read(path, home, one => Read(other, home, two =>
    {
        if (one.Length != two.Length)
        {
            return false;
        }

        byte[] left = new byte[1 << 16];
        byte[] right = new byte[1 << 16];
        while (true)
        {
            int count = one.ReadAtLeast(left, left.Length, throwOnEndOfStream: false);
            int same = two.ReadAtLeast(right, right.Length, throwOnEndOfStream: false);
            if (count != same || !left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
            {
                return false;
            }

            if (count == 0)
            {
                return true;
            }
        }
    }));

    /// <summary>Reads what is left of a stream, which must be <paramref name="length"/> bytes to the byte.</summary>
    /// <remarks>The buffer grows with what is there: a damaged header cannot make us ask for gigabytes.</remarks>
    public static byte[] ReadRest(Stream stream, string path, int length, string expected, string home, bool fromStart = false)
    {
        byte[] content = new byte[Math.Min(length, FirstBlock)];
        int filled = 0;
        while (true)
        {
            filled += stream.ReadAtLeast(content.AsSpan(filled), content.Length - filled, throwOnEndOfStream: false);
            if (filled < content.Length)
            {
                throw DataSetException.Damaged(path, expected, Instead(content.AsSpan(0, filled)) ?? $"only {filled}", home);
            }
            if (filled == length)
            {
                break;
            }
            Array.Resize(ref content, (int)Math.Min(length, 2L * content.Length));
        }
        // Reading past the end is also what makes the decompressor compare its checksum.
        return stream.ReadByte() < 0 ? content : throw DataSetException.Damaged(path, expected, Instead(content) ?? "more", home);

        // After a header that was right, bytes like those of another kind of file are pixels.
        string? Instead(ReadOnlySpan<byte> start) => fromStart ? FileSignature.Describe(start) : null;
    }

    // The message of the system as a part of our sentence.
    private static string Clause(Exception error) => error.Message.TrimEnd('.');
}
