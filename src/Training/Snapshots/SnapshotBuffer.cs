using System.Security.Cryptography;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Schedules;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Snapshots;

/// <summary>
/// The whole state of a session at one step, in one block of memory whose content is the file: a safetensors file, so
/// other programs can open it. Immutable and safe to read from many threads.
/// </summary>
/// <remarks>
/// References are counted: <see cref="Retain"/> gives another holder a reference of its own, each reference is disposed
/// by its holder once (more does no harm), and the last one returns the memory to the pool.
/// </remarks>
public sealed unsafe class SnapshotBuffer : IDisposable
{
    private readonly Content _content;
    private int _disposed;

    private SnapshotBuffer(Content content)
    {
        _content = content;
    }

    /// <summary>All but the tensors. Stays readable after disposal.</summary>
    public SnapshotHeader Header => _content.Header;

    /// <summary>Length of the file in bytes.</summary>
    public long Length => _content.Length;

    /// <summary>SHA-256 of the whole file, 64 lower-case hex digits. Computed once, by whoever asks first.</summary>
    public string Sha256
    {
        get
        {
            Check();
            return _content.Sha256.Value;
        }
    }

    /// <summary>Reads and verifies a file: structure and digests.</summary>
    /// <exception cref="SnapshotException">It is missing, or damaged in any byte.</exception>
    /// <exception cref="SnapshotUnreadableException">It is there and cannot be read.</exception>
    public static SnapshotBuffer Read(string path, SnapshotPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            // A link to what is not there, say a store that is not mounted, says nothing about the snapshot.
            FileSystemInfo? linked = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true);
            if (linked is { Exists: false })
            {
                throw new IOException($"it is a link to {linked.FullName}, which is not there");
            }

            if (PlainFile.Instead(path) is { } instead)
            {
                throw new IOException($"it is {instead}, no file");
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Read(stream, stream.Length, path, pool);
        }
        catch (DirectoryNotFoundException exception) when (File.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new SnapshotUnreadableException(
                $"Snapshot {path} cannot be read: {Path.GetDirectoryName(path)} is a file and no folder.", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SnapshotException($"Snapshot {path} cannot be read: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotUnreadableException($"Snapshot {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads and verifies a snapshot of <paramref name="length"/> bytes from a stream.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="length">Length of the file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="pool">Where its memory comes from; null for the shared pool.</param>
    /// <exception cref="SnapshotException">It is damaged in any byte.</exception>
    public static SnapshotBuffer Read(Stream stream, long length, string name, SnapshotPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        pool ??= SnapshotPool.Shared;
        SnapshotBlock block = pool.Rent(Math.Max(length, 1));
        try
        {
            for (long offset = 0; offset < length; offset += TensorBytes.Piece)
            {
                stream.ReadExactly(new Span<byte>(
                    block.Pointer + offset, (int)Math.Min(TensorBytes.Piece, length - offset)));
            }

            long headLength = SafetensorsHeader.Length(new(block.Pointer, (int)Math.Min(8, length)), length);
            SnapshotHeader header = SafetensorsHeader.Read(
                new(block.Pointer, (int)headLength), length, out byte[] digest);
            if (!Digest(block.Pointer + headLength, length - headLength).AsSpan().SequenceEqual(digest))
            {
                throw new FormatException("its data do not match their digest");
            }

            return new SnapshotBuffer(new Content(pool, block, length, headLength, header));
        }
        catch (Exception exception)
        {
            pool.Return(block);
            if (exception is FormatException or EndOfStreamException)
            {
                throw new SnapshotException($"Snapshot {name} is damaged: {exception.Message}.", exception);
            }

            throw;
        }
    }

    /// <summary>Another reference to the same memory, to be disposed by its holder.</summary>
    public SnapshotBuffer Retain()
    {
        Check();
        _content.Retain();
        return new SnapshotBuffer(_content);
    }

    /// <summary>Writes the file.</summary>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Check();
        for (long offset = 0; offset < Length; offset += TensorBytes.Piece)
        {
            stream.Write(new ReadOnlySpan<byte>(
                _content.Block.Pointer + offset, (int)Math.Min(TensorBytes.Piece, Length - offset)));
        }

        GC.KeepAlive(this);
    }

    /// <summary>Whether it holds a tensor of this name.</summary>
    public bool Contains(string name) => _content.Tensors.ContainsKey(name);

    /// <summary>A new CPU tensor with the values of one in the snapshot.</summary>
    /// <exception cref="SnapshotException">There is none of this name.</exception>
    public Tensor Tensor(string name)
    {
        SnapshotTensor entry = Entry(name);
        Tensor tensor = empty([.. entry.Shape], entry.ScalarType, CPU);
        CopyTo(name, tensor);
        return tensor;
    }

    /// <summary>Overwrites a contiguous tensor, on any device, with the values of one in the snapshot.</summary>
    /// <exception cref="SnapshotException">There is none of this name, or type or shape differ.</exception>
    public void CopyTo(string name, Tensor destination)
    {
        Check();
        SnapshotTensor entry = RequireFits(name, destination);
        TensorBytes.CopyIn(_content.Block.Pointer + _content.DataOffset + entry.Offset, destination);
        GC.KeepAlive(this);
    }

    /// <summary>The first tensor with a number that is not finite; null when all are.</summary>
    public string? FirstNotFinite()
    {
        Check();
        byte* data = _content.Block.Pointer + _content.DataOffset;
        string? found = Header.Tensors.FirstOrDefault(tensor => !TensorBytes.AreFinite(data + tensor.Offset, tensor))?.Name;
        GC.KeepAlive(this);
        return found;
    }

    /// <summary>
    /// SHA-256 of the parameters in declaration order as they lie here (little-endian, buffers excluded), 64 lower-case
    /// hex digits: the session's <c>ParametersSha256</c> at that step.
    /// </summary>
    public string ParametersSha256()
    {
        Check();
        SnapshotTensor[] parameters = [.. Header.Tensors.Where(tensor => tensor.Name.StartsWith(
            ModelState.ParameterPrefix, StringComparison.Ordinal))];
        byte[] digest = Digest(
            _content.Block.Pointer + _content.DataOffset + parameters[0].Offset,
            parameters.Sum(tensor => tensor.Length));
        GC.KeepAlive(this);
        return Convert.ToHexStringLower(digest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _content.Release();
        }
    }

    /// <summary>The snapshot with this header, whose tensors' values are those of <paramref name="values"/> in order.</summary>
    internal static SnapshotBuffer Create(SnapshotPool pool, SnapshotHeader header, IEnumerable<Tensor> values)
    {
        byte[] head = SafetensorsHeader.Write(header);
        long dataLength = header.Tensors.Sum(tensor => tensor.Length);
        SnapshotBlock block = pool.Rent(head.Length + dataLength);
        try
        {
            byte* data = block.Pointer + head.Length;
            long offset = 0;
            foreach (Tensor value in values)
            {
                TensorBytes.CopyOut(value, data + offset);
                offset += TensorBytes.Length(value);
            }

            SafetensorsHeader.Seal(head, Digest(data, dataLength));
            head.CopyTo(new Span<byte>(block.Pointer, head.Length));
            return new SnapshotBuffer(new Content(pool, block, head.Length + dataLength, head.Length, header));
        }
        catch
        {
            pool.Return(block);
            throw;
        }
    }

    /// <summary>A copy whose rates rest on these limits as well, for measurements that came after it was taken.</summary>
    /// <param name="limits">They; measured at earlier steps than the snapshot's.</param>
    /// <param name="pool">Where its memory comes from; null for the shared pool.</param>
    public SnapshotBuffer WithLimits(IEnumerable<StabilityLimit> limits, SnapshotPool? pool = null)
    {
        Check();
        SnapshotHeader header = Header with
        {
            StabilityLimits = [.. StabilityCap.Needed(limits.Concat(Header.StabilityLimits ?? []), Header.Step)],
        };
        pool ??= SnapshotPool.Shared;
        byte[] head = SafetensorsHeader.Write(header);
        long dataLength = Length - _content.DataOffset;
        SnapshotBlock block = pool.Rent(head.Length + dataLength);
        Buffer.MemoryCopy(_content.Block.Pointer + _content.DataOffset, block.Pointer + head.Length, dataLength, dataLength);
        GC.KeepAlive(this);
        SafetensorsHeader.Seal(head, Digest(block.Pointer + head.Length, dataLength));
        head.CopyTo(new Span<byte>(block.Pointer, head.Length));
        return new SnapshotBuffer(new Content(pool, block, head.Length + dataLength, head.Length, header));
    }

    /// <summary>Checks that <see cref="CopyTo"/> would work, so that a group can be checked before any is changed.</summary>
    internal SnapshotTensor RequireFits(string name, Tensor destination)
    {
        SnapshotTensor entry = Entry(name);
        return entry.ScalarType == destination.dtype && entry.Shape.SequenceEqual(destination.shape)
            ? entry
            : throw new SnapshotException(
                $"Snapshot tensor \"{name}\" is {entry.ScalarType} [{string.Join(", ", entry.Shape)}], needed is "
                + $"{destination.dtype} [{string.Join(", ", destination.shape)}].");
    }

    private static byte[] Digest(byte* start, long length)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long offset = 0; offset < length; offset += TensorBytes.Piece)
        {
            hash.AppendData(new ReadOnlySpan<byte>(start + offset, (int)Math.Min(TensorBytes.Piece, length - offset)));
        }

        return hash.GetHashAndReset();
    }

    private SnapshotTensor Entry(string name) => _content.Tensors.TryGetValue(name, out SnapshotTensor? entry)
        ? entry
        : throw new SnapshotException($"The snapshot of step {Header.Step} has no tensor \"{name}\".");

    private void Check() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    /// <summary>What the references share.</summary>
    private sealed class Content(
        SnapshotPool pool, SnapshotBlock block, long length, long dataOffset, SnapshotHeader header)
    {
        private int _references = 1;

        // Lost by all holders without disposal: the block's finalizer frees the memory, this keeps the books right.
        ~Content()
        {
            if (_references > 0)
            {
                pool.Forget(block);
            }
        }

        internal SnapshotBlock Block => block;

        internal long Length => length;

        internal long DataOffset => dataOffset;

        internal SnapshotHeader Header => header;

        internal Dictionary<string, SnapshotTensor> Tensors { get; } =
            header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);

        internal Lazy<string> Sha256 { get; } = new(() => Convert.ToHexStringLower(Digest(block.Pointer, length)));

        internal void Retain() => Interlocked.Increment(ref _references);

        internal void Release()
        {
            if (Interlocked.Decrement(ref _references) == 0)
            {
                pool.Return(block);
            }
        }
    }
}
