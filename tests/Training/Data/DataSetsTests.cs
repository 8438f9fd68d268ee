using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Tests.Data;

public sealed class DataSetsTests
{
    private static readonly DataSpecification Small = new() { Name = "fashion-mnist-small" };

    [Fact]
    public void Given_the_shipped_set_the_training_images_have_mean_0_and_deviation_1()
    {
        (ImageDataSet train, ImageDataSet test) = Images(Small);

        Assert.Equal([5000, 1, 28, 28], train.Images.shape);
        Assert.Equal([1000, 1, 28, 28], test.Images.shape);
        Assert.Equal(10, train.Classes);
        double[] values = [.. train.Images.data<float>().ToArray().Select(value => (double)value)];
        Assert.Equal(0, values.Average(), 1e-6);
        Assert.Equal(1, Math.Sqrt(values.Average(value => value * value)), 1e-6);
        Assert.Equal(0, test.Images.mean().item<float>(), 0.02);
    }

    [Fact]
    public void Given_limits_the_first_images_are_taken_and_look_the_same()
    {
        ImageDataSet whole = Images(Small).Train;
        (ImageDataSet train, ImageDataSet test) = Images(Small with { TrainExamples = 100, TestExamples = 50 });

        Assert.Equal(100, train.Count);
        Assert.Equal(50, test.Count);
        using torch.Tensor first = whole.Images[..100];
        Assert.Equal(first.data<float>().ToArray(), train.Images.data<float>().ToArray());
    }

    [Theory]
    [InlineData(0, null, "train-examples is 0")]
    [InlineData(-7, null, "train-examples is -7")]
    [InlineData(5001, null, "train-examples is 5001")]
    [InlineData(null, 0, "test-examples is 0")]
    [InlineData(null, 1001, "test-examples is 1001")]
    public void Given_a_limit_out_of_range_the_error_names_key_and_value(int? train, int? test, string message)
    {
        var error = Assert.Throws<ArgumentException>(
            () => DataSets.Load(Small with { TrainExamples = train, TestExamples = test }));
        Assert.Contains("curvature.data." + message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_an_unknown_name_the_error_lists_the_known_ones()
    {
        var error = Assert.Throws<ArgumentException>(() => DataSets.Load(new DataSpecification { Name = "mnits" }));
        Assert.Contains("mnits", error.Message, StringComparison.Ordinal);
        Assert.Contains("fashion-mnist-small, idx, cifar-10, cifar-100", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("idx", null)]
    [InlineData("cifar-10", "")]
    [InlineData("cifar-100", null)]
    public void Given_no_directory_where_one_is_needed_the_error_names_the_key(string name, string? directory)
    {
        var error = Assert.Throws<DataSetException>(
            () => DataSets.Load(new DataSpecification { Name = name, Directory = directory }));
        Assert.Contains("curvature.data.directory", error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_equal_specifications_from_many_threads_there_is_one_set()
    {
        DataSpecification specification = Small with { TrainExamples = 77 };
        DataSplit[] loaded = new DataSplit[8];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => loaded[i] = DataSets.Load(
            specification with { TrainExamples = 77 }));

        Assert.All(loaded, split => Assert.Same(loaded[0], split));
        Assert.NotSame(loaded[0], DataSets.Load(Small));
        Assert.Same(DataSets.Load(Small), DataSets.Load(Small, torch.CPU));
    }

    [Fact]
    public void Given_another_spelling_of_the_folder_it_is_the_same_set()
    {
        string roundabout = Path.Combine(DataSets.ShippedDirectory, "..", "fashion-mnist-small");
        Assert.Same(
            DataSets.Load(new DataSpecification { Name = "idx", Directory = DataSets.ShippedDirectory }),
            DataSets.Load(new DataSpecification { Name = "idx", Directory = roundabout }));
    }

    [Fact]
    public void A_shared_set_survives_dispose_and_the_scope_it_was_loaded_in()
    {
        DataSplit split;
        using (torch.NewDisposeScope())
        {
            split = DataSets.Load(Small with { TrainExamples = 78 });
        }
        split.Train.Dispose();
        Assert.False(((ImageDataSet)split.Train).Images.IsInvalid);
        Assert.False(((ImageDataSet)split.Test).Labels.IsInvalid);
    }

    [Fact]
    public void What_failed_is_tried_again()
    {
        using TemporaryFolder folder = new();
        DataSpecification specification = new() { Name = "fashion-mnist-small", Directory = folder.Path };
        var error = Assert.Throws<DataSetException>(() => DataSets.Load(specification));
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);

        foreach (string file in Directory.GetFiles(DataSets.ShippedDirectory, "*.gz"))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }
        Assert.Equal(5000, DataSets.Load(specification).Train.Count);
    }

    private static (ImageDataSet Train, ImageDataSet Test) Images(DataSpecification specification)
    {
        DataSplit split = DataSets.Load(specification);
        return ((ImageDataSet)split.Train, (ImageDataSet)split.Test);
    }
}
