using System.Buffers.Binary;
using System.IO.Compression;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Reads the four files of the MNIST format (IDX): <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>,
/// <c>t10k-images-idx3-ubyte</c>, <c>t10k-labels-idx1-ubyte</c>, each plain or with gzip (told by the content; the
/// name may end in <c>.gz</c>; of both, the plain file is taken). A packed file is a single gzip member, complete to
/// its trailer, as gzip writes it.
/// </summary>
/// <remarks>
/// IDX: big-endian int32 magic number (0x0803: bytes in three dimensions, 0x0801: in one), one big-endian int32 a
/// dimension, then the bytes, last dimension fastest, and nothing after them.
/// </remarks>
public static class IdxReader
{
    /// <summary>Where sets of this format are to be had.</summary>
    public const string Home =
        "https://github.com/zalandoresearch/fashion-mnist (Fashion-MNIST) or "
        + "https://github.com/cvdfoundation/mnist (MNIST)";

    private const int ImageMagic = 0x0803;
    private const int LabelMagic = 0x0801;

    /// <summary>Reads training and test images from <paramref name="directory"/>.</summary>
    /// <param name="directory">The folder of the four files.</param>
    /// <param name="classes">Number of classes; a label must be below it. MNIST and its relatives have 10.</param>
    /// <param name="home">Where to get the files, for error messages.</param>
    /// <returns>Both parts; one channel.</returns>
    /// <exception cref="DataSetException">
    /// A file is missing, cannot be read, is too short, too long or damaged, or does not fit its siblings.
    /// </exception>
    public static ByteSplit Read(string directory, int classes = 10, string home = Home)
    {
        DataFile.RequireDirectory(directory, "train-images-idx3-ubyte.gz and its three siblings", home);
        ByteImages train = ReadPart(directory, "train", classes, home, like: null);
        return new ByteSplit(train, ReadPart(directory, "t10k", classes, home, like: train.Shape));
    }

    private static ByteImages ReadPart(string directory, string part, int classes, string home, ImageShape? like)
    {
        string imageFile = Find(directory, $"{part}-images-idx3-ubyte", home);
        (int[] size, byte[] pixels) = ReadFile(imageFile, ImageMagic, dimensions: 3, home);
        var shape = new ImageShape(1, size[1], size[2]);
        if (like is not null && shape != like)
        {
            throw DataSetException.Damaged(
                imageFile,
                $"images of {like.Height} x {like.Width} as in the training file",
                $"{shape.Height} x {shape.Width}",
                home);
        }

        string labelFile = Find(directory, $"{part}-labels-idx1-ubyte", home);
        byte[] labels = ReadFile(labelFile, LabelMagic, dimensions: 1, home).Content;
        if (labels.Length != size[0])
        {
            throw DataSetException.Damaged(
                labelFile, $"{size[0]} labels, one for each image", $"{labels.Length} labels", home);
        }
        DataFile.RequireLabels(labelFile, labels, classes, home);
        return new ByteImages(pixels, labels, shape, classes);
    }

    private static string Find(string directory, string name, string home)
    {
        string path = Path.Combine(directory, name);
        return File.Exists(path) ? path
            : File.Exists(path + ".gz") ? path + ".gz"
            : throw DataSetException.Damaged(path, "this file, plain or as .gz", "neither", home);
    }

    private static (int[] Size, byte[] Content) ReadFile(string path, int magic, int dimensions, string home) =>
        DataFile.Read(path, home, file =>
        {
            bool packed = IsGzip(file);
            using Stream content = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
            byte[] header = new byte[4 * (1 + dimensions)];
            int length = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            if (length < header.Length)
            {
                throw DataSetException.Damaged(
                    path, $"an IDX header of {header.Length} bytes", $"a file that ends after {length} bytes", home);
            }
            int foundMagic = BinaryPrimitives.ReadInt32BigEndian(header);
            if (foundMagic != magic)
            {
                throw DataSetException.Damaged(
                    path, $"the IDX magic number 0x{magic:x8}", $"0x{foundMagic:x8}", home);
            }

            int[] size = [.. Enumerable.Range(1, dimensions)
                .Select(d => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 * d)))];
            Int128 product = size.Aggregate((Int128)1, (bytes, extent) => bytes * extent);
            if (size.Any(extent => extent <= 0) || product > Array.MaxLength)
            {
                throw DataSetException.Damaged(
                    path,
                    $"positive dimensions of at most {Array.MaxLength} bytes in all",
                    string.Join(" x ", size),
                    home);
            }
            byte[] data = DataFile.ReadRest(
                content, path, (int)product, $"{product} bytes of data ({string.Join(" x ", size)})", home);
            if (packed)
            {
                RequireTrailer(file, path, unpacked: header.Length + product, home);
            }
            return (size, data);
        });

    // The decompressor takes a file that ends within the trailer for a good one, and then compares no checksum.
    private static void RequireTrailer(FileStream file, string path, Int128 unpacked, string home)
    {
        byte[] trailer = new byte[4];
        file.Seek(-trailer.Length, SeekOrigin.End);
        file.ReadExactly(trailer);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (length != (uint)unpacked)
        {
            throw DataSetException.Damaged(
                path, $"one gzip member that ends by giving its size of {unpacked} bytes", $"{length} there", home);
        }
    }

    private static bool IsGzip(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return length == 2 && start[0] == 0x1f && start[1] == 0x8b;
    }
}
