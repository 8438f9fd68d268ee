using System.Collections.Immutable;
using CurvatureActors.Hessian;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>
/// Residuals that hold whatever a product in float32 loses: |A v - theta v| by one product with A in float64, for a vector
/// and a value that were found in float32. Some eigenvalue lies that near (Parlett 1980, theorem 4.5.1), also where the
/// network's own arithmetic cancels far more than the type's rounding, as normalisations of few units do.
/// </summary>
/// <remarks>
/// Only for the networks that come with the program: another one's code may not be able to run in float64. Not for finite
/// differences, whose own error is larger than that of the type.
/// </remarks>
internal sealed class DoubleCheck : IDisposable
{
    // Of |A v|, for the product itself. By far more than float64's own rounding: other formulas of the same loss cancel, and
    // lose as many digits in float64 as they do in float32.
    private const double Rounding = 1e-8;

    private const string Differences = "finite-differences";

    private readonly SnapshotLoss _loss;
    private readonly Func<SnapshotLoss, IReadOnlyList<Tensor>, ISymmetricOperator> _build;

    private DoubleCheck(SnapshotLoss loss, Func<SnapshotLoss, IReadOnlyList<Tensor>, ISymmetricOperator> build)
    {
        _loss = loss;
        _build = build;
    }

    /// <summary>The check of a snapshot's analysis; null where that is in float64 already, or cannot be.</summary>
    /// <param name="specification">The run.</param>
    /// <param name="train">Its training examples.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="options">What is analysed.</param>
    /// <param name="build">The operator of a loss in some of its parameters.</param>
    public static DoubleCheck? Of(
        RunSpecification specification,
        ExampleSet train,
        SnapshotBuffer snapshot,
        AnalysisOptions options,
        Func<SnapshotLoss, IReadOnlyList<Tensor>, ISymmetricOperator> build)
    {
        if (options.ScalarType == ScalarType.Float64 || specification.Model.Kind == "external" || options.Operator == Differences)
        {
            return null;
        }

        // One product a vector: nothing is gained by keeping graphs.
        var loss = new SnapshotLoss(specification, train, new SnapshotLossOptions
        {
            Examples = options.Examples,
            BatchSize = options.BatchSize,
            ScalarType = ScalarType.Float64,
            Graphs = new GraphBudget(0),
        });
        loss.Load(snapshot);
        return new DoubleCheck(loss, build);
    }

    /// <summary>The residuals of values of the whole matrix, or of one that is made of it.</summary>
    /// <param name="values">The values.</param>
    /// <param name="vectors">Their vectors in rows, [values, parameters]; null leaves nothing to check.</param>
    /// <param name="wrap">From the matrix in float64 to the one that the values are of; that matrix itself when null.</param>
    /// <returns>A residual for each vector; null without vectors, and where a product is not finite.</returns>
    public ImmutableArray<double>? Residuals(
        ImmutableArray<double> values, Tensor? vectors, Func<ISymmetricOperator, ISymmetricOperator>? wrap = null)
    {
        ISymmetricOperator matrix = _build(_loss, [.. _loss.Parameters.Select(parameter => parameter.Value)]);
        using var owned = (IDisposable)matrix;
        ISymmetricOperator target = wrap?.Invoke(matrix) ?? matrix;
        using IDisposable? wrapped = ReferenceEquals(target, matrix) ? null : target as IDisposable;
        return Of(target, values, vectors);
    }

    /// <summary>The same of one parameter tensor's own block.</summary>
    /// <param name="layer">Which of the parameters, in declaration order.</param>
    /// <param name="values">The values.</param>
    /// <param name="vectors">Their vectors in rows, [values, elements].</param>
    public ImmutableArray<double>? OfLayer(int layer, ImmutableArray<double> values, Tensor? vectors)
    {
        ISymmetricOperator block = _build(_loss, [_loss.Parameters[layer].Value]);
        using var owned = (IDisposable)block;
        return Of(block, values, vectors);
    }

    /// <inheritdoc/>
    public void Dispose() => _loss.Dispose();

    private static ImmutableArray<double>? Of(ISymmetricOperator target, ImmutableArray<double> values, Tensor? vectors)
    {
        if (vectors is null || vectors.shape[0] != values.Length)
        {
            return null;
        }

        var residuals = ImmutableArray.CreateBuilder<double>(values.Length);
        for (int row = 0; row < values.Length; row++)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable quiet = no_grad();
            Tensor vector = vectors[row].to(ScalarType.Float64);
            vector = vector.Over(Norm(vector));
            Tensor product = target.Apply(vector);
            double residual = Norm(product - vector.Times(values[row])) + (Rounding * Norm(product));
            if (!double.IsFinite(residual))
            {
                return null;
            }

            residuals.Add(residual);
        }

        return residuals.MoveToImmutable();
    }

    private static double Norm(Tensor vector) => Math.Sqrt(Numbers.Dot(vector, vector));
}
