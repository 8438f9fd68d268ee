using System.Globalization;
using System.Text.Json;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using TorchSharp;

namespace CurvatureActors.Cli.Tests.Commands;

/// <summary>How <c>probe</c> is told what to find and how well, on quadratics whose Hessian is known.</summary>
[Collection(nameof(ProbeTrustTests))]
public sealed class ProbeOptionTests : IDisposable
{
    private static readonly double[] Spectrum = [6, 4, 1, 0.5, -2];

    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-probe-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Given_nothing_is_asked_for_then_lambda1_is_all_that_is_found_and_every_field_is_there()
    {
        JsonElement probe = await ProbedAsync(Snapshot("sgd", 2));
        Assert.Equal(6, Assert.Single(probe.GetProperty("values").EnumerateArray()).GetDouble(), 6e-3);
        Assert.InRange(probe.GetProperty("products").GetInt32(), 1, Spectrum.Length);
        Assert.All(
            (string[])["lambdaMin", "lambdaMinResidual", "preconditioned", "trace", "density", "layers"],
            field => Assert.Equal(JsonValueKind.Null, probe.GetProperty(field).ValueKind));
        Assert.All(
            (string[])["run", "step", "parameters", "examples", "method", "values", "residuals", "intervals", "converged", "products", "seconds", "gapRatio"],
            field => Assert.True(probe.TryGetProperty(field, out _), field));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(2)]
    public async Task Given_float64_and_a_tolerance_that_float32_cannot_reach_then_the_values_are_exact_to_it(int top)
    {
        JsonElement probe = await ProbedAsync(
            Snapshot("sgd", 2), "--dtype", "float64", "--tolerance", "1e-10", "--top", $"{top}", "--lambda-min",
            "--max-products", "500", "--seed", "7", "--batch-size", "1");
        Assert.True(probe.GetProperty("converged").GetBoolean());
        Assert.All(Spectrum.Zip(probe.GetProperty("values").EnumerateArray()), pair => Assert.Equal(pair.Item1, pair.Item2.GetDouble(), 1e-9));
        Assert.Equal(-2, probe.GetProperty("lambdaMin").GetDouble(), 1e-9);
        Assert.InRange(probe.GetProperty("lambdaMinResidual").GetDouble(), 0, 1e-9);
    }

    [Theory]
    [InlineData("adam", "exp_avg_sq")]
    [InlineData("adamw", "exp_avg_sq")]
    [InlineData("rmsprop", "square_avg")]
    public async Task Given_an_optimizer_with_second_moments_then_the_preconditioned_lambda1_is_that_of_its_diagonal(string optimizer, string moments)
    {
        const int Steps = 4;
        string file = Snapshot(optimizer, Steps);
        using var snapshot = SnapshotBuffer.Read(file);
        float[] squares = snapshot.Tensor($"optimizer.{moments}").data<float>().ToArray();
        double correction = optimizer == "rmsprop" ? 1 : 1 - Math.Pow(0.999, Steps);
        double expected = Spectrum.Zip(squares).Max(pair => pair.Item1 / (Math.Sqrt(pair.Item2 / correction) + 1e-8));

        JsonElement probe = await ProbedAsync(file, "--preconditioned", "--dtype", "float64", "--tolerance", "1e-8", "--max-products", "100");

        JsonElement found = probe.GetProperty("preconditioned");
        Assert.Equal(expected, found.GetProperty("lambda1").GetDouble(), 1e-6 * expected);
        Assert.InRange(expected, found.GetProperty("interval")[0].GetDouble(), found.GetProperty("interval")[1].GetDouble());
        Assert.True(found.GetProperty("converged").GetBoolean());
        Assert.Equal(6, probe.GetProperty("values")[0].GetDouble(), 1e-6);
    }

    [Fact]
    public async Task Given_layers_then_each_row_says_whether_it_converged()
    {
        // One product is none too many for five eigenvalues.
        foreach ((string products, bool converged) in new[] { ("1", false), ("50", true) })
        {
            JsonElement probe = await ProbedAsync(Snapshot("sgd", 2), "--layers", "--max-products", products);
            Assert.Equal(converged, Assert.Single(probe.GetProperty("layers").EnumerateArray()).GetProperty("converged").GetBoolean());
            Assert.Equal(converged, probe.GetProperty("converged").GetBoolean());
        }

        (_, string output, _) = await InvokeAsync(Snapshot("sgd", 2), "--layers");
        Assert.Contains("converged", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sgd", 2, "--tolerance is \"0\"; a number above 0 and below 1 is expected.", "--tolerance", "0")]
    [InlineData("sgd", 2, "--tolerance is \"NaN\"; a number above 0 and below 1 is expected.", "--tolerance", "NaN")]
    [InlineData("sgd", 2, "--tolerance is \"1e-3x\"; a number above 0 and below 1 is expected.", "--tolerance", "1e-3x")]
    [InlineData("sgd", 2, "--max-products is \"0\"; a whole number from 1 to 100000 is expected.", "--max-products", "0")]
    [InlineData("sgd", 2, "--max-products is 2; --top 3 by lanczos needs at least 3.", "--max-products", "2", "--top", "3")]
    [InlineData("sgd", 2, "--seed is \"-1\"; a whole number from 0 to 2147483647 is expected.", "--seed", "-1")]
    [InlineData("sgd", 2, "--batch-size is \"0\"; a whole number from 1 to 2147483647 is expected.", "--batch-size", "0")]
    [InlineData("sgd", 2, "--graph-memory is \"1GiB\"; a whole number from 1 to 2147483647 is expected.", "--graph-memory", "1GiB")]
    [InlineData("sgd", 2, "--dtype is \"half\"; allowed are float32, float64.", "--dtype", "half")]
    [InlineData("heavy-ball", 2, "--preconditioned is for runs by adam, adamw, rmsprop;", "--preconditioned")]
    [InlineData("rmsprop", 0, "--preconditioned needs a snapshot after the first update;", "--preconditioned")]
    public async Task Given_an_option_that_cannot_be_then_one_sentence_says_what_can(
        string optimizer, int steps, string sentence, params string[] options)
    {
        (int exit, _, string error) = await InvokeAsync(Snapshot(optimizer, steps), options);
        Assert.Equal(2, exit);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private async Task<JsonElement> ProbedAsync(string file, params string[] options)
    {
        (int exit, string output, string error) = await InvokeAsync(file, [.. options, "--json"]);
        Assert.Equal(("", 0), (error, exit));
        return JsonDocument.Parse(output).RootElement;
    }

    private async Task<(int Exit, string Output, string Error)> InvokeAsync(string file, params string[] options)
    {
        (TextWriter standardOutput, TextWriter standardError) = (Console.Out, Console.Error);
        using var output = new StringWriter();
        using var error = new StringWriter();
        try
        {
            Console.SetOut(output);
            Console.SetError(error);
            int exit = await CurvatureCommand.InvokeAsync(["probe", file, "--state", Path.Combine(_folder, "state"), .. options]);
            return (exit, output.ToString(), error.ToString());
        }
        finally
        {
            Console.SetOut(standardOutput);
            Console.SetError(standardError);
        }
    }

    private string Snapshot(string optimizer, int steps)
    {
        string spectrum = string.Join(", ", Spectrum.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        ExperimentSpecification experiment = ExperimentLoader.LoadText(
            $$"""
            curvature {
              data { name = synthetic, dimension = {{Spectrum.Length}}, noise = 0.1, train-examples = 8 }
              model { kind = quadratic, quadratic.spectrum = [{{spectrum}}] }
              optimizer { kind = {{optimizer}}, learning-rate = 0.01 }
              training { steps = 10, loss = output, batch-size = 2 }
              probe { examples = 4 }
            }
            """,
            "x",
            []);
        DataSplit data = DataSets.Load(experiment.Runs[0].Specification.Data);
        using TrainingSession session = TrainingSession.Create(experiment.Runs[0].Specification, data, torch.CPU);
        for (int step = 0; step < steps; step++)
        {
            session.Advance();
        }

        using SnapshotBuffer snapshot = session.Capture(new SnapshotOrigin("0123456789ab", 1, 1));
        string file = Path.Combine(_folder, $"{optimizer}-{steps}.snapshot");
        using FileStream content = File.Create(file);
        snapshot.WriteTo(content);
        return file;
    }
}
