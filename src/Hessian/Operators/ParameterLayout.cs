using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Parameter tensors as one vector: their elements, one tensor after the other in the order given. One tensor behind several
/// .NET objects (a tied weight) counts once, at its first place.
/// </summary>
internal sealed class ParameterLayout
{
    private readonly long[][] _shapes;

    /// <exception cref="ArgumentException">A parameter cannot be used; the message says which and why.</exception>
    internal ParameterLayout(IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(parameters);
        Parameters =
        [
            .. TensorMemory.Distinct(Enumerable.Range(0, parameters.Count), index => parameters[index], index => $"parameters[{index}]")
                .Select(index => parameters[index]),
        ];
        _shapes = [.. Parameters.Select(parameter => parameter.shape)];
        Size = Parameters.Sum(parameter => parameter.numel());
    }

    internal Tensor[] Parameters { get; }

    internal long Size { get; }

    internal Device Device => Parameters[0].device;

    internal ScalarType ScalarType => Parameters[0].dtype;

    /// <summary>Views of a vector in the parameters' shapes, in the current dispose scope.</summary>
    internal Tensor[] Split(Tensor flat)
    {
        Tensor[] pieces = new Tensor[_shapes.Length];
        long offset = 0;
        for (int index = 0; index < pieces.Length; index++)
        {
            long count = _shapes[index].Aggregate(1L, (product, extent) => product * extent);
            pieces[index] = flat.narrow(0, offset, count).view(_shapes[index]);
            offset += count;
        }

        return pieces;
    }

    /// <summary>A copy of the parameters as one vector. (TorchSharp's <c>cat</c> of one tensor is that tensor.)</summary>
    internal Tensor Values()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor flat = Zeros();
        foreach ((Tensor piece, Tensor parameter) in Split(flat).Zip(Parameters))
        {
            piece.copy_(parameter);
        }

        return flat.MoveToOuterDisposeScope();
    }

    internal Tensor Zeros() => zeros(Size, dtype: ScalarType, device: Device);

    /// <summary>
    /// Makes a vector's pieces the parameters' <c>.grad</c>: passes then add to it in place, over all terms, without
    /// copies or concatenation. The slots must have been borrowed.
    /// </summary>
    internal void CollectIn(Tensor flat)
    {
        Tensor[] pieces = Split(flat);
        for (int index = 0; index < pieces.Length; index++)
        {
            Parameters[index].grad = pieces[index];
        }
    }

    /// <summary>Turns libtorch's error into one that says what was being computed, and what to do where a layer has no second derivative.</summary>
    internal static void Guarded(string what, Action differentiate)
    {
        try
        {
            differentiate();
        }
        catch (ExternalException error)
        {
            string way = LacksDerivative(error.Message)
                ? $" A layer has no second derivatives; finite differences of gradients do without: {nameof(FiniteDifferenceHessianOperator)}, "
                    + $"or {nameof(ModuleLoss)}.{nameof(ModuleLoss.FiniteDifferences)}."
                : "";
            throw new InvalidOperationException($"libtorch could not compute {what}: {error.Message}{way}", error);
        }
    }

    // As libtorch 2.10 says it: "derivative for aten::x is not implemented", "x: double backward is not supported" and the like.
    private static bool LacksDerivative(string message) =>
        (message.Contains("derivative", StringComparison.OrdinalIgnoreCase)
            || message.Contains("backward", StringComparison.OrdinalIgnoreCase))
        && (message.Contains("not implemented", StringComparison.OrdinalIgnoreCase)
            || message.Contains("not supported", StringComparison.OrdinalIgnoreCase)
            || message.Contains("not support", StringComparison.OrdinalIgnoreCase));

    /// <exception cref="ArgumentException">There are no terms, or a weight is not finite.</exception>
    internal static void CheckWeights(IReadOnlyList<double> terms)
    {
        if (terms.Count == 0)
        {
            throw new ArgumentException("There are no loss terms.", nameof(terms));
        }

        for (int index = 0; index < terms.Count; index++)
        {
            if (!double.IsFinite(terms[index]))
            {
                throw new ArgumentException($"terms[{index}] has weight {terms[index]}; it must be finite.", nameof(terms));
            }
        }
    }

    private static void Check(IReadOnlyList<Tensor> parameters)
    {
        if (parameters.Count == 0)
        {
            throw new ArgumentException("There are no parameters.", nameof(parameters));
        }

        for (int index = 0; index < parameters.Count; index++)
        {
            Tensor parameter = parameters[index];
            string name = $"parameters[{index}]";
            if (parameter is null || !parameter.requires_grad || !parameter.is_leaf)
            {
                throw new ArgumentException($"{name} must be a leaf tensor that requires a gradient.", nameof(parameters));
            }

            VectorChecks.IsReal(parameter.dtype, name);
            if (parameter.dtype != parameters[0].dtype || !VectorChecks.SameDevice(parameter.device, parameters[0].device))
            {
                throw new ArgumentException(
                    $"{name} is {parameter.dtype} on {parameter.device}; parameters[0] is {parameters[0].dtype} on {parameters[0].device}.",
                    nameof(parameters));
            }
        }

        if (parameters.DistinctBy(parameter => parameter.Handle).Count() != parameters.Count)
        {
            throw new ArgumentException("A parameter is listed twice.", nameof(parameters));
        }
    }
}
