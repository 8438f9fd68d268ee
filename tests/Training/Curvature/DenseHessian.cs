using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>
/// The oracle: the whole Hessian of a snapshot's mean loss in float64, column by column from central differences of
/// gradients. No second derivative is taken and no solver used; the losses are written out here.
/// </summary>
internal static class DenseHessian
{
    private const double Difference = 1e-6;

    /// <summary>[N, N], symmetric, in declaration order of the parameters.</summary>
    /// <param name="snapshot">Whose parameters.</param>
    /// <param name="train">Training images of the run.</param>
    /// <param name="batches">
    /// Whether the loss is the weighted mean over Hessian batches, which only batch normalisation can tell from the mean
    /// over all examples at once.
    /// </param>
    public static double[,] Of(SnapshotBuffer snapshot, ImageDataSet train, bool batches = false)
    {
        RunSpecification run = snapshot.Header.Specification;
        using DisposeScope scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(
            run.Model, new NetworkOptions(train.Shape, train.Classes, CPU, ScalarType.Float64));
        Tensor[] parameters = [.. network.Parameters.Select(parameter => parameter.Value)];
        Tensor start = cat([.. network.Parameters.Select(parameter =>
            snapshot.Tensor("parameter." + parameter.Name).to_type(float64).flatten())]);

        long[] examples = FixedSubset.Draw(train.Count, run.Curvature.Examples, run.Seed);
        (Tensor Images, Tensor Labels)[] data =
        [
            .. examples.Chunk(batches ? run.Curvature.BatchSize : examples.Length).Select(indices =>
            {
                Tensor selection = tensor(indices, int64);
                return (train.Images.index_select(0, selection).to_type(float64), train.Labels.index_select(0, selection));
            }),
        ];

        int count = (int)start.shape[0];
        double[,] hessian = new double[count, count];
        for (int column = 0; column < count; column++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor step = zeros(count, float64);
            step[column] = Difference;
            double[] derivative = [.. ((Gradient(start + step) - Gradient(start - step)) / (2 * Difference)).data<double>()];
            for (int row = 0; row < count; row++)
            {
                hessian[row, column] += derivative[row] / 2;
                hessian[column, row] += derivative[row] / 2;
            }
        }

        return hessian;

        Tensor Gradient(Tensor point)
        {
            using (no_grad())
            {
                long offset = 0;
                foreach (Tensor parameter in parameters)
                {
                    parameter.copy_(point.narrow(0, offset, parameter.numel()).view(parameter.shape));
                    offset += parameter.numel();
                    parameter.grad?.zero_();
                }
            }

            foreach ((Tensor images, Tensor labels) in data)
            {
                Tensor logits = network.Forward(images, NetworkMode.Measure);
                (Loss(run.Training.Loss, logits, labels) / examples.Length).backward();
            }

            return cat([.. parameters.Select(parameter => parameter.grad!.flatten())]);
        }
    }

    /// <summary>Largest eigenvalue.</summary>
    public static double Largest(double[,] matrix)
    {
        using DisposeScope scope = NewDisposeScope();
        return linalg.eigvalsh(tensor(matrix))[-1].item<double>();
    }

    /// <summary>P^(-1/2) (H + shift I) P^(-1/2) for a diagonal P.</summary>
    public static double[,] Preconditioned(double[,] hessian, double[] diagonal, double shift)
    {
        double[,] result = new double[diagonal.Length, diagonal.Length];
        for (int row = 0; row < diagonal.Length; row++)
        {
            for (int column = 0; column < diagonal.Length; column++)
            {
                double value = hessian[row, column] + (row == column ? shift : 0);
                result[row, column] = value / Math.Sqrt(diagonal[row] * diagonal[column]);
            }
        }

        return result;
    }

    /// <summary>Sum over the batch of the loss of each example.</summary>
    private static Tensor Loss(string name, Tensor logits, Tensor labels)
    {
        Tensor target = labels.unsqueeze(1);
        if (name == "cross-entropy")
        {
            return (logits.logsumexp(1, keepdim: true) - logits.gather(1, target)).sum();
        }

        Tensor wanted = zeros_like(logits).scatter_(1, target, ones_like(target).to_type(float64));
        return (logits - wanted).pow(2).mean([1L]).sum();
    }
}
