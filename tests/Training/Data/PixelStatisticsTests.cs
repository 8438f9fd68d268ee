using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class PixelStatisticsTests
{
    [Fact]
    public void Given_two_channels_each_has_its_own_mean_and_population_deviation()
    {
        // Channel 0 holds 0, 0, 255, 255: mean 1/2, deviation 1/2. Channel 1 holds 51 = 255/5 throughout.
        ByteImages images = new([0, 0, 51, 51, 255, 255, 51, 51], [0, 1], new ImageShape(2, 1, 2), classes: 2);

        var statistics = PixelStatistics.Of(images);

        Assert.Equal([0.5, 0.2], statistics.Mean);
        Assert.Equal([0.5, 0.0], statistics.StandardDeviation);
        Assert.Equal(-1f, statistics.NormalizedValues(0)[0]);
        Assert.Equal(1f, statistics.NormalizedValues(0)[255]);
        // A constant channel is centred, not divided by zero.
        Assert.Equal(0f, statistics.NormalizedValues(1)[51]);
        Assert.Equal(0.8f, statistics.NormalizedValues(1)[255]);
    }

    [Fact]
    public void Of_the_shipped_training_images_they_are_what_another_program_computes()
    {
        var statistics = PixelStatistics.Of(IdxReader.Read(DataSets.ShippedDirectory).Train);

        // Python, from the original files.
        Assert.Equal(0.2873464545818327, statistics.Mean[0], 1e-12);
        Assert.Equal(0.3543797163217679, statistics.StandardDeviation[0], 1e-12);
        // The whole of Fashion-MNIST has 0.2860 and 0.3530: a subset of it is close.
        Assert.Equal(0.2860, statistics.Mean[0], 0.005);
        Assert.Equal(0.3530, statistics.StandardDeviation[0], 0.005);
    }

    [Fact]
    public void Given_no_images_it_refuses() =>
        Assert.Throws<ArgumentException>(() => PixelStatistics.Of(new ByteImages([], [], new ImageShape(1, 2, 2), 2)));
}
