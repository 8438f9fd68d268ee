using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>Vectors in rows that a solver takes from one update to the next.</summary>
internal sealed class CarriedBlock : IDisposable
{
    /// <summary>Shape [any, Size]; null when nothing is carried.</summary>
    internal Tensor? Rows { get; private set; }

    /// <summary>The rows when they fit an operator, null otherwise.</summary>
    internal Tensor? For(ISymmetricOperator target) =>
        Rows is { } rows && rows.shape[1] == target.Size && rows.dtype == target.ScalarType
        && VectorChecks.SameDevice(rows.device, target.Device)
            ? rows
            : null;

    /// <summary>Takes rows over from the caller, in place of those it had.</summary>
    internal void Replace(Tensor? rows)
    {
        rows?.DetachFromDisposeScope();
        Rows?.Dispose();
        Rows = rows;
    }

    /// <summary>Multiplies each row by a diagonal and brings it back to unit length.</summary>
    /// <exception cref="ArgumentException">The diagonal's shape does not fit.</exception>
    internal void Rescale(Tensor diagonal)
    {
        ArgumentNullException.ThrowIfNull(diagonal);
        if (Rows is not { } rows)
        {
            return;
        }

        if (diagonal.dim() != 1 || diagonal.shape[0] != rows.shape[1])
        {
            throw new ArgumentException(
                $"The diagonal has shape [{string.Join(", ", diagonal.shape)}]; the carried vectors have {rows.shape[1]} entries.",
                nameof(diagonal));
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor scaled = rows * diagonal.to(rows.dtype);
        Replace(scaled / scaled.norm(1, keepdim: true));
    }

    public void Dispose() => Replace(null);
}
