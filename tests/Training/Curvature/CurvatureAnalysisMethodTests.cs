using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>Every method on every operator, on a network after some steps, against dense matrices in float64.</summary>
public sealed class CurvatureAnalysisMethodTests : IDisposable
{
    private readonly DataSplit _data = Fixtures.Data();
    private readonly SnapshotBuffer _snapshot;

    public CurvatureAnalysisMethodTests()
    {
        using TrainingSession session = TrainingSession.Create(Run(), _data, CPU);
        for (int step = 0; step < 6; step++)
        {
            session.Advance();
        }

        _snapshot = session.Capture(Fixtures.Origin);
    }

    public void Dispose()
    {
        _snapshot.Dispose();
        _data.Train.Dispose();
        _data.Test.Dispose();
    }

    [Theory]
    [InlineData("lanczos", "hessian")]
    [InlineData("lanczos", "finite-differences")]
    [InlineData("lanczos", "gauss-newton")]
    [InlineData("power-iteration", "hessian")]
    [InlineData("power-iteration", "finite-differences")]
    [InlineData("power-iteration", "gauss-newton")]
    public void Given_a_method_and_an_operator_then_its_eigenvalues_are_those_of_the_dense_matrix(string method, string matrix)
    {
        bool power = method == "power-iteration";

        // Differences of float32 gradients carry the error of their step.
        double tolerance = matrix == "finite-differences" ? 1e-2 : 2e-3;
        var analysis = CurvatureAnalysis.Of(Run(), _data.Train, _snapshot, new AnalysisOptions
        {
            Method = method,
            Operator = matrix,
            Top = power ? 1 : 2,
            Layers = !power,
            LambdaMin = true,
        });

        using Tensor dense = Dense(Run(), matrix);
        using Tensor exact = linalg.eigvalsh(dense);
        double[] values = [.. exact.data<double>().Reverse()];
        Assert.Equal((method, matrix), (analysis.Method, analysis.Operator));
        Assert.True(analysis.Largest.Converged);
        Assert.True(analysis.Converged);
        Assert.All(analysis.Largest.Values.Zip(values), pair => Assert.Equal(pair.Second, pair.First, tolerance * values[0]));
        Assert.Equal(values[^1], analysis.Smallest!.LambdaMin, tolerance * values[0]);
        if (!power)
        {
            using Float64Loss loss = Float64Loss.OverExamples(Run(), _data.Train, _snapshot);
            Assert.Equal(loss.Loss(), analysis.Loss, 1e-5);
            int offset = 0;
            Assert.All(analysis.Layers!.Zip(loss.Layout), layer =>
            {
                using Tensor block = dense.narrow(0, offset, layer.Second.Count).narrow(1, offset, layer.Second.Count);
                Assert.Equal(DenseHessian.LargestEigenvalue(block), layer.First.Lambda1, tolerance * values[0]);
                offset += layer.Second.Count;
            });
        }
    }

    [Fact]
    public void Given_mean_squared_error_then_the_gauss_newton_matrix_is_that_of_its_own_loss()
    {
        RunSpecification run = Run() with { Training = Run().Training with { Loss = "mse" } };
        var analysis = CurvatureAnalysis.Of(run, _data.Train, _snapshot, new AnalysisOptions { Operator = "gauss-newton" });
        using Tensor dense = Dense(run, "gauss-newton");
        double expected = DenseHessian.LargestEigenvalue(dense);
        Assert.Equal(expected, analysis.Largest.Lambda1, 1e-3 * expected);
    }

    [Theory]
    [InlineData("qr", "hessian", 1, false, "There is no method \"qr\"; allowed are lanczos, power-iteration.")]
    [InlineData("lanczos", "fisher", 1, false, "There is no operator \"fisher\"; allowed are hessian, gauss-newton, finite-differences.")]
    [InlineData("power-iteration", "hessian", 2, false, "power-iteration finds a single eigenvalue and no vector; 2 values need another method.")]
    [InlineData("power-iteration", "hessian", 1, true, "power-iteration finds a single eigenvalue and no vector; layers need another method.")]
    public void Given_options_that_cannot_be_then_the_error_says_what_can(
        string method, string matrix, int top, bool layers, string message)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => CurvatureAnalysis.Of(
            Run(), _data.Train, _snapshot, new AnalysisOptions { Method = method, Operator = matrix, Top = top, Layers = layers }));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    private static RunSpecification Run() => Fixtures.Run(Fixtures.Model("mlp", activation: "tanh", hidden: [4])) with
    {
        Curvature = new() { Enabled = true, Examples = 20, BatchSize = 8, Tolerance = 1e-3, MaximumProducts = 250 },
    };

    /// <summary>J' H_out J / N by the Jacobian of every output, row by row; or the Hessian.</summary>
    private Tensor Dense(RunSpecification run, string matrix)
    {
        if (matrix != "gauss-newton")
        {
            return DenseHessian.Of(run, _data.Train, _snapshot);
        }

        using DisposeScope scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(
            run.Model, new NetworkOptions(_data.Train.Shape, _data.Train.Classes, CPU, ScalarType.Float64));
        using (no_grad())
        {
            foreach (NamedTensor parameter in network.Parameters)
            {
                parameter.Value.copy_(_snapshot.Tensor(ModelState.ParameterPrefix + parameter.Name));
            }
        }

        long[] examples = FixedSubset.Draw(_data.Train.Count, run.Curvature.Examples, run.Seed);
        (Tensor images, _) = _data.Train.Batch(examples);
        Tensor outputs = network.Forward(images.to(ScalarType.Float64), NetworkMode.Measure);
        long classes = outputs.shape[1];
        Tensor total = zeros(1, dtype: ScalarType.Float64);
        for (int i = 0; i < examples.Length; i++)
        {
            List<Tensor> rows = [];
            for (long c = 0; c < classes; c++)
            {
                foreach (NamedTensor parameter in network.Parameters)
                {
                    parameter.Value.grad = null;
                }

                outputs[i, c].backward(retain_graph: true);
                rows.Add(cat([.. network.Parameters.Select(parameter => parameter.Value.grad!.flatten())]));
            }

            Tensor jacobian = stack(rows);
            Tensor p = outputs[i].detach().softmax(0);
            Tensor curvature = run.Training.Loss == "mse"
                ? eye(classes, dtype: ScalarType.Float64) * (2.0 / classes)
                : diag(p) - p.outer(p);
            total = total + (jacobian.t().mm(curvature).mm(jacobian) / examples.Length);
        }

        return total.MoveToOuterDisposeScope();
    }
}
