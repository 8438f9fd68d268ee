using CurvatureActors.Training.Data;

namespace CurvatureActors.Training.Tests.Data;

public sealed class BatchSamplerTests
{
    [Theory]
    [InlineData(12, 4)]
    [InlineData(12, 1)]
    [InlineData(12, 12)]
    [InlineData(1, 1)]
    public void Given_a_batch_size_that_divides_every_epoch_visits_every_example_once(int examples, int batchSize)
    {
        BatchSampler sampler = new(examples, batchSize, seed: 3);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            Assert.Equal(epoch, sampler.Epoch);
            long[] drawn = Draw(sampler, batchSize, sampler.BatchesPerEpoch);
            Assert.Equal(Enumerable.Range(0, examples).Select(i => (long)i), drawn.Order());
        }
    }

    [Fact]
    public void Given_a_batch_size_that_does_not_divide_the_rest_is_dropped_and_differs_by_epoch()
    {
        BatchSampler sampler = new(examples: 11, batchSize: 4, seed: 3);
        HashSet<string> dropped = [];
        for (int epoch = 0; epoch < 6; epoch++)
        {
            long[] drawn = Draw(sampler, 4, batches: 2);
            Assert.Equal(8, drawn.Distinct().Count());
            Assert.Equal((epoch + 1) * 8, sampler.Position);
            dropped.Add(string.Join(' ', Enumerable.Range(0, 11).Where(i => !drawn.Contains(i))));
        }
        Assert.True(dropped.Count > 1);
    }

    [Fact]
    public void Given_a_seed_the_order_is_the_one_an_independent_program_computes()
    {
        // From a few lines of Python: SplitMix64, Lemire's bounded draw, Fisher-Yates from the end.
        BatchSampler sampler = new(examples: 5000, batchSize: 8, seed: 7);
        Assert.Equal([2604, 788, 2963, 2974, 3501, 2089, 1869, 2646], Draw(sampler, 8, batches: 1));
        sampler.Position = 5000;
        Assert.Equal([1518, 1078, 2556, 3128, 3901, 499, 1543, 3269], Draw(sampler, 8, batches: 1));

        Assert.Equal([2, 0, 5, 3, 9, 7, 1, 6, 8, 4], Draw(new BatchSampler(10, 10, seed: -3), 10, batches: 1));
    }

    [Fact]
    public void Given_other_epochs_and_seeds_the_order_is_another()
    {
        HashSet<string> orders = [];
        for (int seed = -5; seed <= 5; seed++)
        {
            BatchSampler sampler = new(examples: 40, batchSize: 40, seed);
            for (int epoch = 0; epoch < 10; epoch++)
            {
                orders.Add(string.Join(' ', Draw(sampler, 40, batches: 1)));
            }
        }
        Assert.Equal(110, orders.Count);
    }

    [Fact]
    public void Given_any_earlier_position_it_continues_as_the_uninterrupted_one_did()
    {
        const int BatchSize = 3, Batches = 20;
        long[] uninterrupted = Draw(new BatchSampler(examples: 10, BatchSize, seed: 1), BatchSize, Batches);
        BatchSampler used = new(examples: 10, BatchSize, seed: 1);
        Draw(used, BatchSize, Batches);

        for (int batch = 0; batch < Batches; batch++)
        {
            BatchSampler fresh = new(examples: 10, BatchSize, seed: 1);
            foreach (BatchSampler sampler in new[] { fresh, used })
            {
                sampler.Position = batch * BatchSize;
                Assert.Equal(uninterrupted[(batch * BatchSize)..], Draw(sampler, BatchSize, Batches - batch));
            }
        }
    }

    [Fact]
    public void Over_many_epochs_every_example_stands_at_every_place_about_equally_often()
    {
        const int Examples = 10, Epochs = 5000;
        BatchSampler sampler = new(Examples, Examples, seed: 2);
        int[,] counts = new int[Examples, Examples];
        long[] order = new long[Examples];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            sampler.Next(order);
            for (int place = 0; place < Examples; place++)
            {
                counts[place, order[place]]++;
            }
        }

        double expected = (double)Epochs / Examples;
        double chiSquare = counts.Cast<int>().Sum(count => (count - expected) * (count - expected) / expected);
        // 81 degrees of freedom, scaled by 9/10 for the doubly constrained table; 0.1% lies above 136.
        Assert.InRange(chiSquare, 40, 136);
    }

    [Fact]
    public void Given_a_batch_larger_than_the_set_the_error_names_both()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(10, 32, seed: 0));
        Assert.Contains("32", error.Message, StringComparison.Ordinal);
        Assert.Contains("10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_impossible_arguments_it_refuses()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(0, 1, seed: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(5, 0, seed: 0));
        BatchSampler sampler = new(10, 4, seed: 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Position = -4);
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Position = 3);
        Assert.Throws<ArgumentException>(() => sampler.Next(new long[5]));
        Assert.Equal(0, sampler.Position);
    }

    private static long[] Draw(BatchSampler sampler, int batchSize, int batches)
    {
        long[] drawn = new long[batches * batchSize];
        for (int batch = 0; batch < batches; batch++)
        {
            sampler.Next(drawn.AsSpan(batch * batchSize, batchSize));
        }
        return drawn;
    }
}
