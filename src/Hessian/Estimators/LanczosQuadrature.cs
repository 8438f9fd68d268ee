using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Estimators;

/// <summary>
/// The Gauss quadrature that m Lanczos steps from a vector v define: v' f(A) v / v'v = sum_i w_i f(t_i), exact for
/// polynomials f of degree up to 2m - 1 (Golub and Meurant, Matrices, Moments and Quadrature, 2010).
/// </summary>
public sealed record LanczosQuadrature
{
    /// <summary>Nodes t, the Ritz values, largest first.</summary>
    public required IReadOnlyList<double> Nodes { get; init; }

    /// <summary>Weights w, at least 0, sum 1: the squared first components of the eigenvectors of T.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    /// <summary>The quadrature of a start vector.</summary>
    /// <param name="target">A.</param>
    /// <param name="start">v, shape [Size], finite and not zero.</param>
    /// <param name="steps">m, at least 1; fewer are made where the Krylov space ends before.</param>
    /// <exception cref="ArgumentException">A value is out of range or the vector does not fit.</exception>
    /// <exception cref="ArithmeticException">A product was not finite.</exception>
    public static LanczosQuadrature From(ISymmetricOperator target, Tensor start, int steps)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        VectorChecks.Fits(target, start, nameof(start));
        using IDisposable quiet = no_grad();
        double norm = VectorMath.Norm(start);
        if (!(norm > 0) || !double.IsFinite(norm))
        {
            throw new ArgumentException($"The start vector has norm {norm}; it must be finite and above 0.", nameof(start));
        }

        List<double> alphas = [];
        List<double> betas = [];
        using var basis = new RowBuffer(target);
        using Tensor plain = start.detach();
        Tensor direction = plain.Over(norm).DetachFromDisposeScope();
        double scale = 0;
        while (true)
        {
            using DisposeScope scope = NewDisposeScope();
            basis.Append(direction);
            direction.Dispose();
            Tensor product = target.Apply(basis.Row(basis.Count - 1));
            double alpha = VectorMath.Dot(basis.Row(basis.Count - 1), product);
            scale = Math.Max(scale, VectorMath.Norm(product));
            basis.Orthogonalise(product);
            double beta = VectorMath.Norm(product);
            if (!double.IsFinite(alpha) || !double.IsFinite(beta))
            {
                throw new ArithmeticException("A product with the operator was not finite.");
            }

            alphas.Add(alpha);
            betas.Add(beta);
            if (alphas.Count >= Math.Min(steps, target.Size) || beta <= 10 * VectorMath.Epsilon(target.ScalarType) * scale)
            {
                break;
            }

            direction = product.OverInPlace(beta).DetachFromDisposeScope();
        }

        (double[] nodes, double[][] rows) = Tridiagonal.Solve(alphas, betas, 0);
        return new LanczosQuadrature { Nodes = nodes, Weights = [.. rows[0].Select(component => component * component)] };
    }

    /// <summary>sum_i w_i f(t_i).</summary>
    public double Integrate(Func<double, double> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return Nodes.Zip(Weights, (node, weight) => weight * f(node)).Sum();
    }
}
