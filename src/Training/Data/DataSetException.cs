namespace CurvatureActors.Training.Data;

/// <summary>
/// A data set cannot be used as it lies there. The message is one sentence: the file, what was expected, what was
/// found, where to get it.
/// </summary>
public sealed class DataSetException : Exception
{
    /// <summary>An error without a message of its own.</summary>
    public DataSetException()
    {
    }

    /// <summary>An error with a finished message.</summary>
    public DataSetException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a finished message and what caused it.</summary>
    public DataSetException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The sentence of a file that is missing or damaged.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there instead.</param>
    /// <param name="home">Where the data set is to be had.</param>
    /// <param name="cause">The error of the system behind it, if there is one.</param>
    internal static DataSetException Damaged(
        string path, string expected, string found, string home, Exception? cause = null) =>
        new($"{path}: expected {expected}, found {found}; get it from {home}.", cause);
}
