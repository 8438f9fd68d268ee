using CurvatureActors.Training.Data;
using TorchSharp;

namespace CurvatureActors.Training.Tests.Data;

public sealed class ImageDataSetTests
{
    private static readonly ByteImages Bytes =
        new([0, 255, 255, 0, 255, 255], [2, 0, 1], new ImageShape(1, 1, 2), classes: 3);

    [Fact]
    public void Given_bytes_it_holds_the_first_ones_normalised()
    {
        using var set = ImageDataSet.Normalize(Bytes, PixelStatistics.Of(Bytes), count: 2);

        Assert.Equal(2, set.Count);
        Assert.Equal(3, set.Classes);
        Assert.Equal(new ImageShape(1, 1, 2), set.Shape);
        Assert.Equal([2, 1, 1, 2], set.Images.shape);
        Assert.Equal(torch.ScalarType.Float32, set.Images.dtype);
        Assert.Equal([2, 0], set.Labels.data<long>().ToArray());
        // Two thirds of all pixels are bright: mean 2/3, deviation sqrt(2)/3.
        float dark = (float)-Math.Sqrt(2), bright = (float)Math.Sqrt(0.5);
        Assert.Equal([dark, bright, bright, dark], set.Images.data<float>().ToArray());
    }

    [Fact]
    public void Given_more_images_than_a_block_all_are_normalised()
    {
        byte[] pixels = new byte[2500 * 6];
        new Random(1).NextBytes(pixels);
        ByteImages images = new(pixels, new byte[2500], new ImageShape(3, 1, 2), classes: 1);
        var statistics = PixelStatistics.Of(images);

        using var set = ImageDataSet.Normalize(images, statistics, count: 2500);

        float[] values = set.Images.data<float>().ToArray();
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i / 2 % 3;
            double expected = ((pixels[i] / 255.0) - statistics.Mean[channel]) / statistics.StandardDeviation[channel];
            Assert.Equal((float)expected, values[i]);
        }
    }

    [Fact]
    public void Given_indices_the_batch_has_those_images_in_that_order()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ImageDataSet set = new(torch.arange(12, torch.float32).reshape(3, 1, 2, 2), torch.tensor([5L, 6, 7]), 8);

        (torch.Tensor images, torch.Tensor labels) = set.Batch([2, 0, 2]);

        Assert.Equal([3, 1, 2, 2], images.shape);
        Assert.Equal([8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11], images.data<float>().ToArray());
        Assert.Equal([7, 5, 7], labels.data<long>().ToArray());
        // A copy: whoever writes to it leaves the set as it was.
        images.zero_();
        Assert.Equal(66, set.Images.sum().item<float>());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Given_an_index_of_no_image_the_batch_is_refused(long index)
    {
        using ImageDataSet set = new(torch.zeros(3, 1, 2, 2), torch.zeros(3, torch.int64), 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Batch([0, index]));
    }

    [Fact]
    public void Made_inside_a_dispose_scope_it_outlives_the_scope()
    {
        ImageDataSet set;
        using (torch.NewDisposeScope())
        {
            set = ImageDataSet.Normalize(Bytes, PixelStatistics.Of(Bytes), count: 3);
        }
        Assert.False(set.Images.IsInvalid);
        Assert.False(set.Labels.IsInvalid);

        set.Dispose();
        Assert.True(set.Images.IsInvalid);
        Assert.True(set.Labels.IsInvalid);
    }

    [Fact]
    public void Given_tensors_of_another_kind_it_refuses()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor images = torch.zeros(3, 1, 2, 2);
        torch.Tensor labels = torch.zeros(3, torch.int64);

        Assert.Throws<ArgumentException>(() => new ImageDataSet(images.to(torch.float64), labels, 1));
        Assert.Throws<ArgumentException>(() => new ImageDataSet(images.reshape(3, 4), labels, 1));
        Assert.Throws<ArgumentException>(() => new ImageDataSet(images, labels.to(torch.int32), 1));
        Assert.Throws<ArgumentException>(() => new ImageDataSet(images, labels[..2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDataSet(images, labels, 0));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ImageDataSet.Normalize(Bytes, PixelStatistics.Of(Bytes), count: 4));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ImageDataSet.Normalize(Bytes, PixelStatistics.Of(Bytes), count: 0));
    }
}
