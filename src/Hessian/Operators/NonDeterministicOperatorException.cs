namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// What was to be one symmetric matrix gave two answers to the same question. Dropout that draws new masks, data that
/// is augmented anew, parameters or buffers changed between products: eigenvalues of such a thing mean nothing.
/// </summary>
public sealed class NonDeterministicOperatorException : InvalidOperationException
{
    /// <summary>Without a reason.</summary>
    public NonDeterministicOperatorException()
    {
    }

    /// <summary>With a reason.</summary>
    /// <param name="message">What differed, and by how much.</param>
    public NonDeterministicOperatorException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and a cause.</summary>
    /// <param name="message">What differed, and by how much.</param>
    /// <param name="innerException">The cause.</param>
    public NonDeterministicOperatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
