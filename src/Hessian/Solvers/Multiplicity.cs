using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Copies of eigenvalues. The Krylov space of one vector holds one direction of a multiple eigenvalue, so the values that
/// <see cref="Lanczos"/> finds may lack copies, and the second of them need not be lambda2. A space that is grown from a
/// random vector orthogonal to what was found shows the largest eigenvalue of the rest, copies included.
/// </summary>
public static class Multiplicity
{
    /// <summary>
    /// Parts the directions from those of the solve: the rest of the same vector lies in the same Krylov space, and shows
    /// nothing that was not in it.
    /// </summary>
    private const ulong OwnStream = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The largest eigenvalues with their copies, and lambda1/lambda2.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="found">Its largest eigenvalues with their vectors; taken over, use the result in its place.</param>
    /// <param name="options">Tolerance, seed, and how many products may be spent; the defaults when null.</param>
    /// <returns>
    /// As many values as before, with the products of both. <see cref="EigenResult.GapRatio"/> is NaN when the operator
    /// has one row, when lambda2 did not reach the tolerance in the products allowed, and when it is 0 to its residual.
    /// </returns>
    /// <exception cref="ArgumentException">The vectors are not there.</exception>
    public static EigenResult Resolve(ISymmetricOperator target, EigenResult found, LanczosOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(found);
        options ??= new LanczosOptions();
        options.Validate();
        if (!double.IsFinite(found.Lambda1))
        {
            return found with { GapRatio = double.NaN };
        }

        if (found.Vectors is not { } vectors || vectors.shape[0] < found.Values.Length)
        {
            throw new ArgumentException("The vectors of the values are needed to look beside them.", nameof(found));
        }

        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using var random = new RandomDirections(options.Seed ^ OwnStream);
        int wanted = found.Values.Length;
        List<Pair> pairs = [.. found.Values.Select((value, i) => new Pair(value, found.Residuals[i], vectors[i].clone()))];
        (int products, double rounding, bool known, bool converged) = (0, found.Rounding, pairs.Count == target.Size, found.Converged);
        while (!known && products < options.MaximumProducts)
        {
            Found best = Largest(target, pairs, options, random, options.MaximumProducts - products);
            products += best.Products;
            rounding = Math.Max(rounding, best.Rounding);
            if (best.Pair is not { } pair)
            {
                break;
            }

            double last = pairs[wanted - 1].Value;
            bool above = pair.Value > last + rounding;
            if (!best.Small && !above)
            {
                break;
            }

            pairs.Add(pair);
            pairs.Sort((one, other) => other.Value.CompareTo(one.Value));

            // What is not above the last one wanted pushes nothing aside, and neither does what comes after it.
            known = best.Small && (!above || pairs.Count == target.Size);
            converged &= best.Small;
            if (!best.Small)
            {
                break;
            }
        }

        bool complete = known && pairs.Count > 1;
        Tensor kept = stack([.. pairs.Take(wanted).Select(pair => pair.Vector)]).DetachFromDisposeScope();
        EigenResult result = found with
        {
            Values = [.. pairs.Take(wanted).Select(pair => pair.Value)],
            Residuals = [.. pairs.Take(wanted).Select(pair => Math.Max(pair.Residual, rounding))],
            Rounding = rounding,
            Converged = converged,
            Products = found.Products + products,
            Elapsed = found.Elapsed + Stopwatch.GetElapsedTime(started),
            GapRatio = complete
                ? ProductRounding.Ratio(pairs[0].Value, pairs[1].Value, pairs[1].Residual, rounding)
                : double.NaN,
            Vectors = kept,
        };
        found.Dispose();
        return result;
    }

    /// <summary>The largest eigenvalue of the operator on the complement of some vectors.</summary>
    private static Found Largest(
        ISymmetricOperator target, List<Pair> beside, LanczosOptions options, RandomDirections random, int budget)
    {
        using DisposeScope scope = NewDisposeScope();
        using var space = new KrylovSpace(target, null);
        space.Take(stack([.. beside.Select(pair => pair.Vector)]), [.. beside.Select(pair => pair.Value)]);
        Tensor? direction = space.Orthogonal(random.Next(target));
        bool small = false;
        while (direction is not null && !small && space.Products < budget)
        {
            if (!space.Extend(direction, out direction))
            {
                return new Found(null, false, space.Products, 0);
            }

            RitzValue own = space.Own[0];
            small = direction is null
                || own.Residual <= Math.Max(options.Tolerance * Math.Abs(own.Value), 10 * space.Rounding);
        }

        if (space.Own.Length == 0)
        {
            return new Found(null, false, space.Products, 0);
        }


        // What the product has along the vectors beside it is taken out unseen: at most their residuals.
        double coupling = Math.Sqrt(beside.Sum(pair => pair.Residual * pair.Residual));
        double rounding = ProductRounding.Of(target.ScalarType, space.Scale);
        Tensor vector = space.Vectors([space.Own[0]])[0].clone().MoveToOuterDisposeScope();
        return new Found(
            new Pair(space.Own[0].Value, double.Hypot(space.Own[0].Residual, coupling) + rounding, vector), small, space.Products, rounding);
    }

    private sealed record Pair(double Value, double Residual, Tensor Vector);

    private sealed record Found(Pair? Pair, bool Small, int Products, double Rounding);
}
