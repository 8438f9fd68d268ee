using System.Buffers.Binary;
using System.IO.Compression;

namespace CurvatureActors.Training.Data;

/// <summary>
/// The content of a gzip file (RFC 1952): one member or several, and zeros after them, as tapes and block devices leave
/// them. Every member is complete to its trailer, and its checksum and size are compared: the decompressor of the
/// platform does neither where a file ends within a trailer.
/// </summary>
/// <param name="file">The file; stays open.</param>
/// <param name="path">Its name, for errors.</param>
/// <param name="home">Where to get it, for errors.</param>
internal sealed class GzipReader(FileStream file, string path, string home) : Stream
{
    private const int Trailer = 8;

    private CompressedBytes? _source;
    private DeflateStream? _member;
    private uint _checksum;
    private uint _size;
    private bool _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether a file begins as gzip files do. Leaves it at its start.</summary>
    public static bool IsGzip(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return length == 2 && start[0] == 0x1f && start[1] == 0x8b;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (!_ended && buffer.Length > 0)
        {
            if (_member is null)
            {
                long start = ReadHeader();
                _source = new CompressedBytes(file, start, file.Length - 64);
                _member = new DeflateStream(_source, CompressionMode.Decompress);
                (_checksum, _size) = (Crc32.Start, 0);
            }

            int read = Inflate(_member, buffer);
            if (read > 0)
            {
                _checksum = Crc32.Add(_checksum, buffer[..read]);
                _size += (uint)read;
                return read;
            }

            CompareTrailer(_source!.Exact ? _source.Place : EndOfMember(_source));
            _member.Dispose();
            _member = null;
            _ended = OnlyZerosFollow();
        }

        return 0;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _member?.Dispose();
        base.Dispose(disposing);
    }

    private int Inflate(DeflateStream member, Span<byte> buffer)
    {
        try
        {
            return member.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw _source!.Place >= file.Length
                ? Cut(error)
                : Damaged("compressed data that make no sense", error);
        }
    }

    // Where the decompressor took more than the member had: again, without the content, byte by byte at the end.
    private long EndOfMember(CompressedBytes source)
    {
        using CompressedBytes again = new(file, source.Start, source.LastPiece);
        using DeflateStream member = new(again, CompressionMode.Decompress);
        byte[] buffer = new byte[1 << 16];
        while (Inflate(member, buffer) > 0)
        {
        }

        return again.Place;
    }

    private void CompareTrailer(long place)
    {
        file.Position = place;
        Span<byte> trailer = stackalloc byte[Trailer];
        if (file.ReadAtLeast(trailer, Trailer, throwOnEndOfStream: false) < Trailer)
        {
            throw Cut(null);
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (checksum != Crc32.End(_checksum))
        {
            throw Damaged($"a content whose checksum (CRC-32) is {Crc32.End(_checksum):x8} where the file gives {checksum:x8}");
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (size != _size)
        {
            throw Damaged($"{_size} bytes where the file gives a size of {size}");
        }
    }

    private bool OnlyZerosFollow()
    {
        long place = file.Position;
        for (int value = file.ReadByte(); value >= 0; value = file.ReadByte())
        {
            if (value != 0)
            {
                bool another = file.Position == place + 1 && value == 0x1f && file.ReadByte() == 0x8b;
                file.Position = place;
                return another ? false : throw Damaged($"something else after its {place} bytes");
            }
        }

        return true;
    }

    private long ReadHeader()
    {
        Span<byte> header = stackalloc byte[10];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            throw Cut(null);
        }

        if (header[2] != 8)
        {
            throw Damaged($"the unknown compression method {header[2]}");
        }

        int flags = header[3];
        if ((flags & 4) != 0)
        {
            int length = Byte() + (256 * Byte());
            for (int i = 0; i < length; i++)
            {
                _ = Byte();
            }
        }

        // Name and comment, each up to a zero byte; then two bytes of checksum.
        for (int text = flags & 0x18; text != 0; text &= text - 1)
        {
            while (Byte() != 0)
            {
            }
        }

        if ((flags & 2) != 0)
        {
            _ = Byte() + Byte();
        }

        return file.Position;

        int Byte() => file.ReadByte() is >= 0 and var value ? value : throw Cut(null);
    }

    private DataSetException Cut(Exception? cause) => Damaged(
        $"one that ends too early, after {file.Length} bytes (it was not copied or downloaded to its end)", cause);

    private DataSetException Damaged(string found, Exception? cause = null) =>
        DataSetException.Damaged(path, "an intact gzip file", found, home, cause);

    /// <summary>
    /// A file from a place on, in pieces, and byte by byte from another place on: then the decompressor, which asks for no
    /// more once a member is complete, stops exactly at its end.
    /// </summary>
    private sealed class CompressedBytes(FileStream file, long start, long byByteFrom) : Stream
    {
        public long Start { get; } = start;

        public long Place { get; private set; } = start;

        public long LastPiece { get; private set; } = start;

        public bool Exact => LastPiece >= byByteFrom || Place == LastPiece;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            LastPiece = Place;
            int most = Place >= byByteFrom ? 1 : (int)Math.Min(buffer.Length, byByteFrom - Place);
            file.Position = Place;
            int read = file.Read(buffer[..Math.Min(most, buffer.Length)]);
            Place += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
