namespace CurvatureActors.Hessian.Solvers;

/// <summary>Both ends of a spectrum from one solve.</summary>
public sealed class ExtremeEigenResult : IDisposable
{
    /// <summary>Two ends that two solves found.</summary>
    /// <param name="largest">One; becomes this object's.</param>
    /// <param name="smallest">The other; becomes this object's.</param>
    /// <param name="products">Products of both solves.</param>
    public ExtremeEigenResult(EigenResult largest, SmallestEigenResult smallest, int products)
    {
        Largest = largest;
        Smallest = smallest;
        Products = products;
    }

    /// <summary>The largest algebraic eigenvalues.</summary>
    public EigenResult Largest { get; }

    /// <summary>The smallest algebraic eigenvalues.</summary>
    public SmallestEigenResult Smallest { get; }

    /// <summary>Whether both ends converged.</summary>
    public bool Converged => Largest.Converged && Smallest.Converged;

    /// <summary>Products made, counted once: of one solve its own are in both ends.</summary>
    public int Products { get; }

    /// <summary>Releases the vectors, if there are any.</summary>
    public void Dispose()
    {
        Largest.Dispose();
        Smallest.Dispose();
    }
}
