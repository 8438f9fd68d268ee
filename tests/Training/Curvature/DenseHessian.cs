using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>
/// The oracle: the whole Hessian of a snapshot's loss in float64, one column after the other from central differences
/// of first gradients. Shares no code with the products, the solvers or the batching that it judges.
/// </summary>
internal static class DenseHessian
{
    private const double Step = 1e-5;

    public static Tensor Of(RunSpecification specification, ExampleSet train, SnapshotBuffer snapshot)
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(
            specification.Model,
            new NetworkOptions(train.Shape, train.Classes, CPU, ScalarType.Float64));
        using (no_grad())
        {
            foreach (NamedTensor parameter in network.Parameters)
            {
                using Tensor stored = snapshot.Tensor(ModelState.ParameterPrefix + parameter.Name);
                parameter.Value.copy_(stored.to(ScalarType.Float64));
            }
        }

        long[] examples = FixedSubset.Draw(train.Count, specification.Curvature.Examples, specification.Seed);
        List<(Tensor Images, Tensor Labels)> batches = [];
        foreach (long[] part in examples.Chunk(specification.Curvature.BatchSize))
        {
            (Tensor images, Tensor labels) = train.Batch(part);
            batches.Add((images.to(ScalarType.Float64), labels));
        }

        LossFunction loss = LossRegistry.Losses[specification.Training.Loss];
        double[] Gradient()
        {
            using DisposeScope inner = NewDisposeScope();
            foreach (NamedTensor parameter in network.Parameters)
            {
                parameter.Value.grad = null;
            }

            foreach ((Tensor images, Tensor labels) in batches)
            {
                Tensor value = loss(network.Forward(images, NetworkMode.Measure), labels)
                    * (labels.shape[0] / (double)examples.Length);
                value.backward();
            }

            return [.. network.Parameters.SelectMany(parameter => parameter.Value.grad!.cpu().data<double>().ToArray())];
        }

        List<double[]> columns = [];
        foreach (NamedTensor parameter in network.Parameters)
        {
            using Tensor flat = parameter.Value.detach().view(-1);
            for (long i = 0; i < flat.numel(); i++)
            {
                using Tensor element = flat.narrow(0, i, 1);
                double original = element.item<double>();
                element.fill_(original + Step);
                double[] above = Gradient();
                element.fill_(original - Step);
                double[] below = Gradient();
                element.fill_(original);
                columns.Add([.. above.Zip(below, (up, down) => (up - down) / (2 * Step))]);
            }
        }

        Tensor dense = stack(columns.Select(column => tensor(column)).ToArray());
        return ((dense + dense.t()) / 2).MoveToOuterDisposeScope();
    }

    public static double LargestEigenvalue(Tensor dense)
    {
        using Tensor values = linalg.eigvalsh(dense);
        return values.max().item<double>();
    }
}
