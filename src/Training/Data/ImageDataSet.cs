using System.Runtime.InteropServices;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Normalised images with their labels, in tensors that nobody writes to: any number of trainers may read one at
/// the same time.
/// </summary>
public sealed class ImageDataSet : ExampleSet
{
    private const int BlockImages = 1000;

    private readonly bool _shared;

    /// <summary>
    /// Takes over two tensors: they belong to this object from here on, whatever dispose scope they came from.
    /// </summary>
    /// <param name="images">float32 [N, C, H, W], N at least 1.</param>
    /// <param name="labels">int64 [N], values from 0 to <paramref name="classes"/> - 1, on the same device.</param>
    /// <param name="classes">Number of classes, at least 1.</param>
    /// <exception cref="ArgumentException">Type, shape or device are not as above.</exception>
    public ImageDataSet(torch.Tensor images, torch.Tensor labels, int classes)
        : this(images, labels, classes, shared: false)
    {
    }

    private ImageDataSet(torch.Tensor images, torch.Tensor labels, int classes, bool shared)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (images.dtype != torch.ScalarType.Float32 || images.dim() != 4 || images.shape[0] is < 1 or > int.MaxValue)
        {
            throw new ArgumentException(
                $"Images are float32 [N, C, H, W], not {images.dtype} [{string.Join(", ", images.shape)}].",
                nameof(images));
        }
        if (labels.dtype != torch.ScalarType.Int64 || labels.dim() != 1 || labels.shape[0] != images.shape[0])
        {
            throw new ArgumentException(
                $"Labels are int64 [{images.shape[0]}], not {labels.dtype} [{string.Join(", ", labels.shape)}].",
                nameof(labels));
        }
        if (labels.device.ToString() != images.device.ToString())
        {
            throw new ArgumentException(
                $"Labels are on the device of the images, {images.device}, not {labels.device}.", nameof(labels));
        }

        Images = images.DetachFromDisposeScope();
        Labels = labels.DetachFromDisposeScope();
        Classes = classes;
        using (torch.Tensor host = labels.cpu())
        {
            LabelCounts = CountsOf(host.data<long>().ToArray(), classes);
        }

        Shape = new ImageShape((int)images.shape[1], (int)images.shape[2], (int)images.shape[3]);
        Count = (int)images.shape[0];
        _shared = shared;
    }

    /// <summary>float32 [N, C, H, W], normalised. Read only.</summary>
    public torch.Tensor Images { get; }

    /// <summary>int64 [N], from 0 to <see cref="Classes"/> - 1. Read only.</summary>
    public torch.Tensor Labels { get; }

    /// <summary>Size of one image.</summary>
    public override ImageShape Shape { get; }

    /// <summary>Number of classes.</summary>
    public override int Classes { get; }

    /// <summary>How often each class is the label.</summary>
    public override IReadOnlyList<long> LabelCounts { get; }

    /// <summary>Number of images, N.</summary>
    public override int Count { get; }

    /// <summary>Normalises the first <paramref name="count"/> images into new tensors on the CPU.</summary>
    /// <param name="images">Images as bytes.</param>
    /// <param name="statistics">Mean and deviation to normalise with: those of the training images.</param>
    /// <param name="count">How many, from 1 to the number there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many, or it is below 1.</exception>
    public static ImageDataSet Normalize(ByteImages images, PixelStatistics statistics, int count) =>
        Normalize(images, statistics, count, torch.CPU, shared: false);

    internal static ImageDataSet Normalize(
        ByteImages images, PixelStatistics statistics, int count, torch.Device device, bool shared)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, images.Count);

        (int channels, int height, int width) = images.Shape;
        int area = height * width;
        float[][] values = [.. Enumerable.Range(0, channels).Select(statistics.NormalizedValues)];

        // Straight into native memory, in blocks: a span cannot hold all of a large set.
        torch.Tensor pixels = torch.empty([count, channels, height, width], torch.ScalarType.Float32);
        for (int start = 0; start < count; start += BlockImages)
        {
            int length = Math.Min(BlockImages, count - start);
            using torch.Tensor block = pixels.narrow(0, start, length);
            Span<float> target = MemoryMarshal.Cast<byte, float>(block.bytes);
            ReadOnlySpan<byte> source = images.Pixels.Span.Slice(start * images.Shape.Size, length * images.Shape.Size);
            for (int plane = 0; plane < length * channels; plane++)
            {
                float[] valuesOfChannel = values[plane % channels];
                for (int i = plane * area; i < (plane + 1) * area; i++)
                {
                    target[i] = valuesOfChannel[source[i]];
                }
            }
        }
        long[] classes = [.. images.Labels[..count].ToArray().Select(label => (long)label)];
        torch.Tensor labels = torch.tensor(classes);
        return new ImageDataSet(Move(pixels, device), Move(labels, device), images.Classes, shared);
    }

    /// <inheritdoc/>
    public override (torch.Tensor Inputs, torch.Tensor Targets) Batch(ReadOnlySpan<long> indices)
    {
        using torch.Tensor selection = Selection(indices, Images.device);
        return (Images.index_select(0, selection), Labels.index_select(0, selection));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_shared)
        {
            Images.Dispose();
            Labels.Dispose();
        }
    }
}
