using CurvatureActors.Training.Data;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>
/// The oracle: the whole Hessian of a snapshot's loss in float64, one column after the other from central differences
/// of first gradients (see <see cref="Float64Loss"/>).
/// </summary>
internal static class DenseHessian
{
    public static Tensor Of(RunSpecification specification, ExampleSet train, SnapshotBuffer snapshot)
    {
        using DisposeScope scope = NewDisposeScope();
        using Float64Loss loss = Float64Loss.OverExamples(specification, train, snapshot);
        double[] unit = new double[loss.Values.Length];
        List<double[]> columns = [];
        for (int i = 0; i < unit.Length; i++)
        {
            unit[i] = 1;
            columns.Add(loss.Product(unit));
            unit[i] = 0;
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
