namespace CurvatureActors.Cli.Reports;

/// <summary>A report cannot be written for a reason that the user can do something about.</summary>
internal sealed class ReportException : Exception
{
    /// <summary>With one sentence for people.</summary>
    public ReportException(string message)
        : base(message)
    {
    }

    /// <summary>With one sentence for people and what caused it.</summary>
    public ReportException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Without a message.</summary>
    public ReportException()
    {
    }
}
