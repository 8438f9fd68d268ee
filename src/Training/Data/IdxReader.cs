using System.Buffers.Binary;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Reads the four files of the MNIST format (IDX): <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>,
/// <c>t10k-images-idx3-ubyte</c>, <c>t10k-labels-idx1-ubyte</c>, each plain or with gzip (told by the content; the
/// name may end in <c>.gz</c>; of both, the plain file is taken), or under other names that say the same
/// (<see cref="DataFolder"/>).
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

    private static readonly string[][] Roles =
    [
        ["train-images-idx3-ubyte"],
        ["train-labels-idx1-ubyte"],
        ["t10k-images-idx3-ubyte", "test-images-idx3-ubyte"],
        ["t10k-labels-idx1-ubyte", "test-labels-idx1-ubyte"],
    ];

    /// <summary>Reads training and test images from <paramref name="directory"/>.</summary>
    /// <param name="directory">The folder of the four files.</param>
    /// <param name="classes">
    /// Number of classes N: labels are 0 to N - 1, or 1 to N. Null: they go from the smallest label of the training images to
    /// the largest one. Class 0 is the smallest label.
    /// </param>
    /// <param name="home">Where to get the files, for error messages.</param>
    /// <returns>Both parts; one channel.</returns>
    /// <exception cref="DataSetException">
    /// A file is missing, cannot be read, is too short, too long or damaged, or does not fit its siblings.
    /// </exception>
    public static ByteSplit Read(string directory, int? classes = null, string home = Home)
    {
        DataFile.RequireDirectory(directory, "train-images-idx3-ubyte.gz and its three siblings", home);
        IReadOnlyList<string> files = DataFolder.Find(
            directory, Roles, packed: true, "this file, plain or as .gz", "neither", home);
        (ImageShape shape, byte[] trainPixels, byte[] trainLabels) = ReadPart(files[0], files[1], home, like: null);
        (_, byte[] testPixels, byte[] testLabels) = ReadPart(files[2], files[3], home, like: shape);
        var range = LabelRange.Of(trainLabels, classes, files[1], home);
        string hint = classes is null ? $" as in the training part (or set {DataSets.ClassesKey})" : $" ({DataSets.ClassesKey} is {classes})";
        return new ByteSplit(
            new(trainPixels, range.Classify(trainLabels, files[1], hint, home), shape, range.Classes),
            new(testPixels, range.Classify(testLabels, files[3], hint, home), shape, range.Classes));
    }

    private static (ImageShape Shape, byte[] Pixels, byte[] Labels) ReadPart(
        string imageFile, string labelFile, string home, ImageShape? like)
    {
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

        byte[] labels = ReadFile(labelFile, LabelMagic, dimensions: 1, home).Content;
        return labels.Length == size[0]
            ? (shape, pixels, labels)
            : throw DataSetException.Damaged(
                labelFile, $"{size[0]} labels, one for each image", $"{labels.Length} labels", home);
    }

    private static (int[] Size, byte[] Content) ReadFile(string path, int magic, int dimensions, string home) =>
        DataFile.Read(path, home, file =>
        {
            using Stream content = GzipReader.IsGzip(file) ? new GzipReader(file, path, home) : file;
            byte[] header = new byte[4 * (1 + dimensions)];
            int length = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            if (FileSignature.Describe(header.AsSpan(0, length), content) is { } other)
            {
                throw DataSetException.Damaged(path, "an IDX file", other, home);
            }

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
            return (size, data);
        });
}
