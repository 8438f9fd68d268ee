namespace CurvatureActors.Hessian.Solvers;

/// <summary>Both ends of a spectrum from one solve.</summary>
public sealed class ExtremeEigenResult : IDisposable
{
    internal ExtremeEigenResult(EigenResult largest, SmallestEigenResult smallest) => (Largest, Smallest) = (largest, smallest);

    /// <summary>The largest algebraic eigenvalues; its products are those of the whole solve.</summary>
    public EigenResult Largest { get; }

    /// <summary>The smallest algebraic eigenvalues; its products are those of the whole solve.</summary>
    public SmallestEigenResult Smallest { get; }

    /// <summary>Whether both ends converged.</summary>
    public bool Converged => Largest.Converged && Smallest.Converged;

    /// <summary>Products of the whole solve, counted once.</summary>
    public int Products => Largest.Products;

    /// <summary>Releases the vectors, if there are any.</summary>
    public void Dispose()
    {
        Largest.Dispose();
        Smallest.Dispose();
    }
}
