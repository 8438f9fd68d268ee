using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>A real symmetric matrix known by its products with vectors. All a solver needs; it knows no model and no data.</summary>
public interface ISymmetricOperator
{
    /// <summary>Rows, and columns.</summary>
    long Size { get; }

    /// <summary>Where vectors live.</summary>
    Device Device { get; }

    /// <summary>float32 or float64: the type of vectors.</summary>
    ScalarType ScalarType { get; }

    /// <summary>A v.</summary>
    /// <param name="vector">v, of shape [<see cref="Size"/>], on <see cref="Device"/>, of <see cref="ScalarType"/>; left as it is.</param>
    /// <returns>A new tensor of shape [<see cref="Size"/>] that the caller owns.</returns>
    /// <exception cref="ArgumentException">The vector's shape, device or type does not fit.</exception>
    Tensor Apply(Tensor vector);

    /// <summary>A v for several vectors at once: operators that pay for more than the products share that among them.</summary>
    /// <param name="vectors">Vectors in rows, shape [k, <see cref="Size"/>] with k at least 1; left as they are.</param>
    /// <returns>A new tensor of the same shape, row i being A times row i, that the caller owns.</returns>
    /// <exception cref="ArgumentException">The shape, device or type does not fit.</exception>
    Tensor ApplyBlock(Tensor vectors)
    {
        VectorChecks.BlockFits(this, vectors, nameof(vectors));
        using IDisposable quiet = no_grad();
        Tensor products = empty_like(vectors);
        for (long row = 0; row < vectors.shape[0]; row++)
        {
            using Tensor vector = vectors[row];
            using Tensor product = Apply(vector);
            using Tensor slot = products[row];
            slot.copy_(product);
        }

        return products;
    }
}
