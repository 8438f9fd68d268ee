using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests;

/// <summary>Answers that owe nothing to the code under test.</summary>
internal static class Oracles
{
    internal static Tensor Random(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed, CPU);
        return randn(shape, dtype: ScalarType.Float64, generator: generator);
    }

    /// <summary>Q diag(spectrum) Q' with a random orthogonal Q, float64.</summary>
    internal static Tensor Symmetric(double[] spectrum, ulong seed)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor q, _) = linalg.qr(Random(seed, spectrum.Length, spectrum.Length));
        Tensor matrix = q.mm(diag(tensor(spectrum))).mm(q.t());
        return ((matrix + matrix.t()) / 2).MoveToOuterDisposeScope();
    }

    internal static double[] Spectrum(Tensor matrix)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. linalg.eigvalsh(matrix).data<double>().Reverse()];
    }

    internal static double[] Numbers(Tensor vector)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. vector.to(ScalarType.Float64).contiguous().data<double>()];
    }

    internal static Tensor Parameter(Tensor value) => value.detach().clone().requires_grad_(true);

    /// <summary>The Hessian by fourth-order central differences of ordinary gradients (no second derivatives), float64.</summary>
    internal static Tensor DifferencedHessian(IReadOnlyList<Tensor> parameters, Func<Tensor> loss, double h = 1e-3)
    {
        using DisposeScope scope = NewDisposeScope();
        long size = parameters.Sum(parameter => parameter.numel());
        Tensor hessian = zeros(size, size, dtype: ScalarType.Float64);
        long column = 0;
        foreach (Tensor parameter in parameters)
        {
            for (long entry = 0; entry < parameter.numel(); entry++, column++)
            {
                using DisposeScope inner = NewDisposeScope();
                Tensor At(double offset) => FirstGradient(parameters, parameter, entry, offset * h, loss);
                hessian[column] = ((At(1) - At(-1)) * 8 - (At(2) - At(-2))) / (12 * h);
            }
        }

        return ((hessian + hessian.t()) / 2).MoveToOuterDisposeScope();
    }

    /// <summary>The operator's columns.</summary>
    internal static Tensor Dense(ISymmetricOperator target)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor identity = eye(target.Size, dtype: target.ScalarType);
        return stack([.. Enumerable.Range(0, (int)target.Size).Select(i => target.Apply(identity[i]))]).MoveToOuterDisposeScope();
    }

    internal static double Difference(Tensor left, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        return (left - right).abs().max().to(ScalarType.Float64).item<double>();
    }

    private static Tensor FirstGradient(
        IReadOnlyList<Tensor> parameters, Tensor moved, long entry, double offset, Func<Tensor> loss)
    {
        Move(moved, entry, offset);
        foreach (Tensor parameter in parameters)
        {
            parameter.grad = null;
        }

        loss().backward();
        Move(moved, entry, -offset);
        Tensor gradient = cat([.. parameters.Select(parameter => (parameter.grad ?? zeros_like(parameter)).detach().reshape(-1))]);
        foreach (Tensor parameter in parameters)
        {
            parameter.grad = null;
        }

        return gradient;
    }

    private static void Move(Tensor parameter, long entry, double offset)
    {
        using (no_grad())
        {
            parameter.view(-1)[entry].add_(offset);
        }
    }
}
