using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// For each parameter tensor <c>NAME/lambda1</c>, the largest eigenvalue of its own block of the Hessian, and
/// <c>NAME/share</c>, its share of the top eigenvector's squared norm.
/// </summary>
internal sealed class LayersKind : IMeasurementKind
{
    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        using Tensor top = at.Top(1).Vectors![0];
        var selection = ParameterSelection.Of(at.Parameters.Select(parameter => (parameter.Name, parameter.Value)));
        List<MeasuredValue> values = [];
        foreach (((string name, double share), Tensor parameter) in EigenvectorShares.Of(top, selection).Zip(selection.Tensors))
        {
            using EigenResult own = at.OfBlock(parameter, block => Lanczos.Largest(block, at.Solver(1)));
            values.Add(new($"{name}/lambda1", own.Lambda1, own.Residual));
            values.Add(new($"{name}/share", share));
        }

        return new KindResult(values);
    }
}
