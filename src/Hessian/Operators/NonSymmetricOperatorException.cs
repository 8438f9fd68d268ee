namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// What was to be a symmetric matrix is none: its eigenvalues need not be real, and solvers for symmetric matrices would
/// give out numbers that are no eigenvalues at all.
/// </summary>
public sealed class NonSymmetricOperatorException : InvalidOperationException
{
    /// <summary>Without a reason.</summary>
    public NonSymmetricOperatorException()
    {
    }

    /// <summary>With a reason.</summary>
    /// <param name="message">What differed, and by how much.</param>
    public NonSymmetricOperatorException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and a cause.</summary>
    /// <param name="message">What differed, and by how much.</param>
    /// <param name="innerException">The cause.</param>
    public NonSymmetricOperatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
