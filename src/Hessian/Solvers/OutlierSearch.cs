using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Whether a random direction leads to eigenvalues above a level beside those that are known: a Krylov space in the
/// complement of their vectors. It ends when what it shows above the level is good, or when nothing is there and what
/// could have escaped is as improbable as asked for (<see cref="HiddenComponent"/>).
/// </summary>
internal static class OutlierSearch
{
    /// <param name="target">The operator.</param>
    /// <param name="known">Vectors and images of the known eigenvalues, orthonormal rows.</param>
    /// <param name="values">The known eigenvalues.</param>
    /// <param name="options">Level, margin, tolerance, probability, and how many vectors may be held.</param>
    /// <param name="random">Where the direction comes from.</param>
    /// <param name="budget">Most products; at least 1.</param>
    internal static Outcome Run(
        ISymmetricOperator target,
        (Tensor Vectors, Tensor Images) known,
        double[] values,
        EigenvalueTrackerOptions options,
        RandomDirections random,
        int budget)
    {
        using DisposeScope scope = NewDisposeScope();
        using var space = new KrylovSpace(target, Math.Min((int)Math.Min(target.Size, int.MaxValue), values.Length + 2 * options.MaximumBlock + 2));
        if (values.Length > 0)
        {
            space.Take(known.Vectors, values);
        }

        double noticed = options.Level + options.Margin * Math.Abs(options.Level);
        Tensor? next = space.Orthogonal(random.Next(target));
        bool passed = false;
        RitzValue[] risen = [];
        while (next is not null && !passed && space.Products < budget)
        {
            if (space.IsFull)
            {
                space.Restart(values.Length + risen.Length + 1, 0);
            }

            if (!space.Extend(next, out next))
            {
                return new Outcome(space.Products, double.NaN, false, 0, null, null, 0);
            }

            risen = [.. space.Own.Where(pair => pair.Value > options.Level)];
            if (risen.Length > 0 && risen.All(pair => pair.Residual <= options.GoodEnough(pair.Value, space.Rounding)))
            {
                break;
            }

            // An invariant space of a random direction lacks nothing but copies of what it holds.
            passed = risen.Length == 0 && (next is null || space.Unseen(noticed) <= options.MissProbability);
        }

        // The best one below the level where none is above: what the next update watches.
        RitzValue[] found = risen.Length > 0 ? risen : space.Own[..1];
        Tensor vectors = space.Vectors(found);
        Tensor images = Images(space, vectors, found, next, known, values.Length);
        return new Outcome(
            space.Products, space.Own[0].Value, passed, risen.Length, vectors.MoveToOuterDisposeScope(), images.MoveToOuterDisposeScope(), space.Scale);
    }

    /// <summary>A x without a product: theta x, what leads out of the space, and what lies along the known vectors.</summary>
    private static Tensor Images(
        KrylovSpace space, Tensor vectors, RitzValue[] found, Tensor? next, (Tensor Vectors, Tensor Images) known, int count)
    {
        Tensor images = vectors * Column([.. found.Select(pair => pair.Value)], vectors);
        if (next is not null)
        {
            images = images.Plus(Column(space.Couplings(found), vectors) * next.unsqueeze(0));
        }

        return count > 0 ? images.Plus(vectors.mm(known.Images.t()).mm(known.Vectors)) : images;
    }

    private static Tensor Column(double[] numbers, Tensor like) =>
        tensor(numbers, dtype: ScalarType.Float64).to(like.dtype).to(like.device).unsqueeze(1);

    /// <summary>What a search found.</summary>
    /// <param name="Products">Products made.</param>
    /// <param name="Largest">The largest Ritz value of its space; NaN where a product was not finite.</param>
    /// <param name="Passed">Whether nothing is above the level, as probably as asked for.</param>
    /// <param name="Risen">How many values are above the level.</param>
    /// <param name="Vectors">Their vectors, or that of the largest below when there are none; null where a product was not finite.</param>
    /// <param name="Images">A times these.</param>
    /// <param name="Scale">The largest norm of a product.</param>
    internal sealed record Outcome(int Products, double Largest, bool Passed, int Risen, Tensor? Vectors, Tensor? Images, double Scale);
}
