using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class SplitMix64Tests
{
    [Fact]
    public void Gives_the_published_sequence()
    {
        // The reference values of the algorithm for state 1234567 (Vigna's splitmix64.c).
        SplitMix64 random = new(1234567);

        ulong[] drawn = [random.Next(), random.Next(), random.Next(), random.Next(), random.Next()];

        Assert.Equal(
            [
                6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
                16408922859458223821,
            ],
            drawn);
    }

    [Fact]
    public void Given_a_bound_every_number_below_it_is_drawn_about_equally_often()
    {
        const int Bound = 7, Draws = 70_000;
        SplitMix64 random = new(1);
        int[] counts = new int[Bound];
        for (int i = 0; i < Draws; i++)
        {
            counts[random.Below(Bound)]++;
        }

        // Chi-square with 6 degrees of freedom: above 22.5 with probability 0.001, for a seed that is fixed.
        double expected = (double)Draws / Bound;
        Assert.True(counts.Sum(count => (count - expected) * (count - expected) / expected) < 22.5);
    }

    [Fact]
    public void Given_a_bound_of_one_it_is_zero_and_below_one_an_error()
    {
        Assert.Equal(0, new SplitMix64(5).Below(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SplitMix64(5).Below(0));
    }

    [Fact]
    public void Given_the_same_parts_in_another_order_the_sequence_is_another()
    {
        Assert.NotEqual(SplitMix64.For(1, 2).Next(), SplitMix64.For(2, 1).Next());
        Assert.NotEqual(SplitMix64.For(0, 1).Next(), SplitMix64.For(1).Next());
    }
}
