using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class FixedSubsetTests
{
    [Fact]
    public void Given_a_seed_the_set_is_the_one_an_independent_program_computes() =>
        Assert.Equal([1716, 1790, 2096, 2693, 2897, 3422, 3688, 4291], FixedSubset.Draw(5000, 8, seed: 7));

    [Fact]
    public void Given_a_count_the_examples_differ_and_ascend_and_a_larger_set_contains_them()
    {
        long[] small = FixedSubset.Draw(100, 20, seed: 1);
        long[] large = FixedSubset.Draw(100, 50, seed: 1);

        Assert.Equal(20, small.Distinct().Count());
        Assert.Equal(small.Order(), small);
        Assert.All(small, index => Assert.InRange(index, 0, 99));
        Assert.Subset(large.ToHashSet(), small.ToHashSet());
        Assert.NotEqual(small, FixedSubset.Draw(100, 20, seed: 2));
    }

    [Fact]
    public void Given_a_count_of_all_it_is_all() =>
        Assert.Equal([0, 1, 2, 3, 4], FixedSubset.Draw(5, 5, seed: 9));

    [Fact]
    public void Given_too_many_the_error_names_both_numbers()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => FixedSubset.Draw(10, 512, seed: 0));
        Assert.Contains("512", error.Message, StringComparison.Ordinal);
        Assert.Contains("10", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedSubset.Draw(10, 0, seed: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedSubset.Draw(0, 1, seed: 0));
    }
}
