using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Whether a direction leads to eigenvalues above a level beside those that are known: a Krylov space in the
/// complement of their vectors. It ends when what it shows above the level is good. When nothing is there, it goes on
/// until what could have escaped a random direction is as improbable as asked for (<see cref="HiddenComponent"/>), and from
/// a chosen one until its best value is good or seen to stay below.
/// </summary>
internal static class OutlierSearch
{
    /// <summary>What no search found.</summary>
    internal static Outcome Nothing { get; } = new(0, double.NaN, false, 0, null, null, 0);

    /// <param name="target">The operator.</param>
    /// <param name="known">Vectors and images of the known eigenvalues, orthonormal rows.</param>
    /// <param name="values">The known eigenvalues.</param>
    /// <param name="start">The direction; used up.</param>
    /// <param name="random">Whether it was drawn at random.</param>
    /// <param name="options">Level, margin, tolerance, probability, and how many vectors may be held.</param>
    /// <param name="budget">Most products; at least 1.</param>
    internal static Outcome Run(
        ISymmetricOperator target,
        (Tensor Vectors, Tensor Images) known,
        double[] values,
        Tensor start,
        bool random,
        EigenvalueTrackerOptions options,
        int budget)
    {
        using DisposeScope scope = NewDisposeScope();
        using var space = new KrylovSpace(target, Math.Min((int)Math.Min(target.Size, int.MaxValue), values.Length + 2 * options.MaximumBlock + 2));
        if (values.Length > 0)
        {
            space.Take(known.Vectors, values);
        }

        double noticed = options.Level + options.Margin * Math.Abs(options.Level);
        Tensor? next = space.Orthogonal(start);
        bool nothing = false;
        RitzValue[] risen = [];
        while (next is not null && !nothing && space.Products < budget)
        {
            if (space.IsFull)
            {
                space.Restart(values.Length + risen.Length + 1, 0);
            }

            if (!space.Extend(next, out next))
            {
                return Nothing with { Products = space.Products };
            }

            risen = [.. space.Own.Where(pair => pair.Value > options.Level)];
            if (risen.Length > 0 && risen.All(Good))
            {
                break;
            }

            // An invariant space of a random direction lacks nothing but copies of what it holds.
            RitzValue best = space.Own[0];
            nothing = risen.Length == 0 && (next is null || (random
                ? space.Unseen(noticed) <= options.MissProbability
                : Good(best) || best.Value + best.Residual < options.Level));
        }

        // The best one below the level where none is above: what the next update watches.
        RitzValue[] found = risen.Length > 0 ? risen : space.Own[..1];
        Tensor vectors = space.Vectors(found);
        Tensor images = Images(space, vectors, found, next, known, values.Length);
        return new Outcome(
            space.Products, space.Own[0].Value, nothing && random, risen.Length, vectors.MoveToOuterDisposeScope(), images.MoveToOuterDisposeScope(), space.Scale);

        bool Good(RitzValue pair) => pair.Residual <= options.GoodEnough(pair.Value, space.Rounding);
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
