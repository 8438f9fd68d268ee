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
    private readonly FileStream _file;

    /// <param name="folder">Where the file goes; created if need be.</param>
    /// <param name="order">What the trainer was told to do.</param>
    public AuditLog(string folder, StartTrainer order)
    {
        Directory.CreateDirectory(folder);
        string name = string.Create(
            CultureInfo.InvariantCulture, $"{order.Run}-{order.Epoch}-{order.Attempt}-{Environment.ProcessId}.log");
        _file = new FileStream(
            Path.Combine(folder, name), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Writes a line.</summary>
    public void Note(FormattableString line) =>
        _file.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant(line) + "\n"));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
