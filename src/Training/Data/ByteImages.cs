namespace CurvatureActors.Training.Data;

/// <summary>Images as they lie in a file, decoded but not normalised: what a reader returns.</summary>
public sealed class ByteImages
{
    /// <summary>Puts images and labels together.</summary>
    /// <param name="pixels">One byte a value, order [image][channel][row][column].</param>
    /// <param name="labels">One byte an image, from 0 to <paramref name="classes"/> - 1 (readers check that).</param>
    /// <param name="shape">Size of one image.</param>
    /// <param name="classes">Number of classes of the data set.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public ByteImages(byte[] pixels, byte[] labels, ImageShape shape, int classes)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(shape);
        if (pixels.LongLength != labels.LongLength * shape.Size)
        {
            throw new ArgumentException(
                $"{labels.Length} images of {shape.Size} values need {labels.LongLength * shape.Size} bytes, "
                + $"not {pixels.Length}.",
                nameof(pixels));
        }
        Pixels = pixels;
        Labels = labels;
        Shape = shape;
        Classes = classes;
    }

    /// <summary>One byte a value (0 dark, 255 bright), order [image][channel][row][column].</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>The class of each image.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    /// <summary>Size of one image.</summary>
    public ImageShape Shape { get; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;
}
