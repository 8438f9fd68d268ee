using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Schedules;

public sealed class CriticalRateTests
{
    [Theory]
    [InlineData(0.5, 0.1)]
    [InlineData(7, 0.1)]
    [InlineData(333, 0.01)]
    [InlineData(1e7, 0.01)]
    public void Given_a_parabola_When_searched_Then_the_bracket_holds_2_over_lambda(double lambda, double precision)
    {
        // One step of gradient descent from x = 1 on 1/2 lambda x^2.
        var found = CriticalRate.Search(rate => 0.5 * lambda * Math.Pow(1 - (rate * lambda), 2), precision);
        Assert.InRange(2 / lambda, found.Rate, found.Upper);
        Assert.InRange(found.Upper / found.Rate, 1, 1 + precision);
        Assert.True(found.Evaluations <= 40);
    }

    [Fact]
    public void Given_about_the_published_number_of_passes_When_searched_Then_they_suffice()
    {
        int calls = 0;
        var found = CriticalRate.Search(rate =>
        {
            calls++;
            return Math.Abs(1 - (rate / 0.01));
        });
        Assert.Equal(calls, found.Evaluations);

        // Raised above 0.02: the loss before, nine rates from 1e-4 to 0.0256, then 0.0192, 0.0224 and 0.0208.
        Assert.Equal(1 + 9 + 3, calls);
    }

    [Fact]
    public void Given_a_loss_that_only_falls_When_searched_Then_the_rate_is_the_maximum_and_nothing_above_is_tried()
    {
        double largest = 0;
        var found = CriticalRate.Search(
            rate =>
            {
                largest = Math.Max(largest, rate);
                return -rate;
            },
            maximum: 0.3);
        Assert.Equal((0.3, double.PositiveInfinity, 0.3), (found.Rate, found.Upper, largest));
    }

    [Fact]
    public void Given_a_loss_that_is_not_finite_When_searched_Then_it_counts_as_raised()
    {
        var found = CriticalRate.Search(rate => rate > 0.01 ? double.NaN : -rate);
        Assert.InRange(0.01, found.Rate, found.Upper);
    }

    [Fact]
    public void Given_a_loss_that_every_step_raises_When_searched_Then_the_rate_is_0() =>
        Assert.Equal(0, CriticalRate.Search(rate => rate).Rate);

    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(0.1, 0.0)]
    [InlineData(double.NaN, 1.0)]
    public void Given_a_number_out_of_range_When_searched_Then_it_is_refused(double precision, double maximum) =>
        Assert.ThrowsAny<ArgumentException>(() => CriticalRate.Search(_ => 0, precision, maximum));

    [Theory]
    [InlineData("sgd", null)]
    [InlineData("heavy-ball", null)]
    [InlineData("nesterov", null)]
    [InlineData("sgd", 0.5)]
    [InlineData("adam", null)]
    public void Given_a_quadratic_When_the_first_update_is_searched_Then_it_is_the_closed_form(string kind, double? clip)
    {
        // Along -eta u the loss is raised above eta = 2 u'g / u'Hu, with g_i = lambda_i w_i.
        double[] spectrum = [30, 4, 1];
        using Network network = Quadratic(spectrum);
        using FlatParameters parameters = new(network);
        double[] w = [.. parameters.Values.data<float>().ToArray().Select(value => (double)value)];
        double[] g = [.. w.Zip(spectrum, (x, lambda) => lambda * x)];
        double norm = Math.Sqrt(g.Sum(x => x * x));
        double factor = kind == "nesterov" ? 1.9 : clip is { } limit ? limit / norm : 1;
        double[] u = [.. g.Select(x => kind == "adam" ? Math.Sign(x) : factor * x)];
        double expected = 2 * u.Zip(g, (a, b) => a * b).Sum() / u.Zip(spectrum, (a, lambda) => lambda * a * a).Sum();
        RunSpecification run = Fixtures.Run(
            ModelSamples.Model("quadratic", "none"), Fixtures.Optimizer(kind, learningRate: 1e4), loss: "output", clipNorm: clip);
        using DisposeScope scope = NewDisposeScope();
        var found = CriticalRate.OfFirstUpdate(
            network, parameters, run, TrainingPlan.Initial(run), zeros([4, 3]), full([4], -1, int64));
        Assert.InRange(expected, found.Rate * (1 - 1e-5), found.Upper * (1 + 1e-5));
        Assert.InRange(found.Upper / found.Rate, 1, kind == "adam" ? 1.0101 : 1.1001);
        Assert.Equal(w, parameters.Values.data<float>().ToArray().Select(value => (double)value));
        Assert.Equal(0, parameters.Gradients.abs().max().item<float>());
    }

    [Fact]
    public void Given_a_peak_under_the_critical_rate_When_searched_Then_it_is_the_peak()
    {
        using Network network = Quadratic([30, 4, 1]);
        using FlatParameters parameters = new(network);
        RunSpecification run = Fixtures.Run(
            ModelSamples.Model("quadratic", "none"), Fixtures.Optimizer(learningRate: 0.01), loss: "output");
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(0.01, CriticalRate.OfFirstUpdate(
            network, parameters, run, TrainingPlan.Initial(run), zeros([4, 3]), full([4], -1, int64)).Rate);
    }

    private static Network Quadratic(double[] spectrum)
    {
        using Generator generator = new(3);
        return ModelRegistry.Create(
            ModelSamples.Model("quadratic", "none") with
            {
                Quadratic = new() { Spectrum = new(spectrum), Lambda1 = 1, Exponent = 1 },
            },
            new NetworkOptions(new VectorShape(3), 2, CPU),
            generator);
    }
}
