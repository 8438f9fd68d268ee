using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Power iteration, for comparison only: it converges to the eigenvalue of largest magnitude, which for a loss Hessian
/// can be a negative one, and needs several times the products of <see cref="Lanczos"/>.
/// </summary>
public static class PowerIteration
{
    /// <summary>The eigenvalue of largest magnitude, with its sign.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="options">The defaults when null.</param>
    /// <returns>
    /// One value, the Rayleigh quotient, with its residual. It says nothing about the rest of the spectrum:
    /// <see cref="EigenResult.Smallest"/> and <see cref="EigenResult.GapRatio"/> are NaN.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static EigenResult Dominant(ISymmetricOperator target, PowerIterationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= new PowerIterationOptions();
        new LanczosOptions { Tolerance = options.Tolerance, MaximumProducts = options.MaximumProducts }.Validate();

        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        using var random = new RandomDirections(options.Seed);
        double epsilon = VectorMath.Epsilon(target.ScalarType);
        Tensor vector = random.Next(target);
        double value = 0, residual = 0, scale = 0;
        bool converged = false;
        int products = 0;
        while (products < options.MaximumProducts)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor product = target.Apply(vector);
            products++;
            double norm = VectorMath.Norm(product);
            scale = Math.Max(scale, norm);
            value = VectorMath.Dot(vector, product);
            residual = VectorMath.Norm(product - vector.Times(value));
            converged = residual <= Math.Max(options.Tolerance * Math.Abs(value), 10 * epsilon * norm);
            if (converged || !double.IsFinite(residual))
            {
                break;
            }

            vector.Dispose();
            vector = product.OverInPlace(norm).MoveToOuterDisposeScope();
        }

        return new EigenResult
        {
            Values = [value],
            Residuals = [residual + ProductRounding.Of(target.ScalarType, scale)],
            Rounding = ProductRounding.Of(target.ScalarType, scale),
            Converged = converged,
            Products = products,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Smallest = double.NaN,
            GapRatio = double.NaN,
            Start = $"random, seed {options.Seed}",
        };
    }
}
