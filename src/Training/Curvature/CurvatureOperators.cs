using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>The matrices of second derivatives that a snapshot can be analysed by, and the ways to multiply with them.</summary>
public static class CurvatureOperators
{
    /// <summary><c>hessian</c>, <c>gauss-newton</c>, <c>finite-differences</c>.</summary>
    public static IReadOnlyList<string> Names => All.Names;

    /// <summary>
    /// The operator of a loss in some of its parameters: the exact Hessian, the Gauss-Newton part of it, or the Hessian by
    /// differences of gradients. Each is disposable, and the caller's.
    /// </summary>
    internal static Registry<Func<SnapshotLoss, IReadOnlyList<Tensor>, ISymmetricOperator>> All { get; } = new(
        "operator",
        ("hessian", (loss, parameters) => loss.Hessian(parameters)),
        ("gauss-newton", (loss, parameters) => loss.GaussNewton(parameters)),
        ("finite-differences", (loss, parameters) => loss.FiniteDifferences(parameters)));
}
