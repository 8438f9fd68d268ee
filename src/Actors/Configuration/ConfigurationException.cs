namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// A configuration that cannot be used. The message is one sentence for the person who wrote it: the key, the value
/// and what is allowed. The program prints it and ends with exit code 2.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>With no message; use one of the others.</summary>
    public ConfigurationException()
    {
    }

    /// <summary>With the sentence to print.</summary>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>With the sentence to print and what caused it.</summary>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
