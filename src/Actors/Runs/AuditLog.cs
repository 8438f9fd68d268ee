using System.Globalization;
using System.Text;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// A file beside the journal to which trainers of any process append what they do, line by line, each with one write to
/// a file opened for appending: an account that depends on nothing else of the program, for who wants to check it.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class AuditLog(string path) : IDisposable
{
    private readonly FileStream _file =
        new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Appends <c>WHAT RUN EPOCH ATTEMPT NUMBERS PROCESS</c>.</summary>
    public void Note(string what, string run, long epoch, int attempt, params ReadOnlySpan<int> numbers)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{what} {run} {epoch} {attempt}");
        foreach (int number in numbers)
        {
            line.Append(CultureInfo.InvariantCulture, $" {number}");
        }

        line.Append(CultureInfo.InvariantCulture, $" {Environment.ProcessId}\n");
        _file.Write(Encoding.ASCII.GetBytes(line.ToString()));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
