using System.Globalization;
using System.Text;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// What one trainer did, line by line in a file of its own beside the journal, each line written at once: an account
/// that depends on nothing else of the program, for who wants to check it. The file is called
/// <c>RUN-EPOCH-ATTEMPT-PROCESS.log</c>; its lines are <c>start STEP</c>, <c>steps FROM TO</c>, <c>end WHAT STEP</c>.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private readonly string _path;
    private FileStream? _file;

    /// <param name="folder">Where the file goes; created if need be.</param>
    /// <param name="order">What the trainer was told to do.</param>
    public AuditLog(string folder, StartTrainer order) => _path = Path.Combine(folder, string.Create(
        CultureInfo.InvariantCulture, $"{order.Run}-{order.Epoch}-{order.Attempt}-{Environment.ProcessId}.log"));

    /// <summary>Writes a line.</summary>
    /// <exception cref="AuditException">It cannot be written.</exception>
    public void Note(FormattableString line)
    {
        try
        {
            _file ??= Open();
            _file.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant(line) + "\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AuditException(
                $"The audit {_path} (curvature.runtime.audit) could not be written: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        return new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }
}

/// <summary>What was asked to be noted cannot be, which is no fault of the run.</summary>
internal sealed class AuditException(string message, Exception inner) : Exception(message, inner);
