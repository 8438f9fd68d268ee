using System.Globalization;
using System.Runtime.InteropServices;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>
/// The folder of snapshots: <c>RUN/ATTEMPT-STEP.snapshot</c>, or <c>RUN/ATTEMPT-0-PHASE-STEP.snapshot</c> from the middle
/// of an initialisation, each written so that it is whole or not there.
/// </summary>
/// <param name="path">The folder; <see cref="Create"/> makes it.</param>
public sealed partial class SnapshotFolder(string path) : ISnapshotReader
{
    private const string Unfinished = ".writing";

    /// <summary>rwx for all, less what the user's mask takes away.</summary>
    private const uint ModeOfFolder = 0x1FF;

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>
    /// The file of a snapshot, relative to the folder. Each step of a phase has a name of its own: no file that the journal
    /// names is overwritten before the journal names the next.
    /// </summary>
    public static string FileOf(string run, int attempt, int step, SnapshotPhase? phase = null) =>
        $"{run}/{attempt}-{step}{(phase is null ? "" : $"-{phase.Name}-{phase.Step}")}.snapshot";

    /// <summary>The absolute path of a file of the folder.</summary>
    public string Locate(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>Makes the folder. For the start: a folder that goes missing later has been taken away, and is not made again.</summary>
    public void Create() => Directory.CreateDirectory(Path);

    /// <summary>
    /// Writes a snapshot and flushes it to the disk, under a name of its own for each claim of the run, where no reader
    /// looks for it.
    /// </summary>
    /// <returns>The staging name, for <see cref="Publish"/>.</returns>
    /// <exception cref="IOException">It cannot be written, or the folder is not there any more.</exception>
    public string Stage(string run, long epoch, int attempt, int step, SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        string file = FileOf(run, attempt, step, snapshot.Header.Phase);
        string staged = string.Create(CultureInfo.InvariantCulture, $"{file}.{epoch}{Unfinished}");
        MakeFolderOf(staged);
        try
        {
            using var stream = new FileStream(Locate(staged), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            snapshot.WriteTo(stream);
            stream.Flush(flushToDisk: true);
            return staged;
        }
        catch (IOException)
        {
            // Half a snapshot is of no use, and a full disk needs the room.
            File.Delete(Locate(staged));
            throw;
        }
    }

    /// <summary>
    /// Gives a staged snapshot its name: renames it and flushes the folder, so that after this returns the snapshot
    /// survives a loss of power, and before it no reader sees half of one.
    /// </summary>
    public void Publish(string staged, string file)
    {
        string target = Locate(file);
        File.Move(Locate(staged), target, overwrite: true);
        FlushFolder(System.IO.Path.GetDirectoryName(target)!);
    }

    /// <summary>Removes what was staged and never published. For the start, while nobody writes.</summary>
    public void RemoveUnfinished()
    {
        if (Directory.Exists(Path))
        {
            foreach (string file in Directory.EnumerateFiles(Path, "*" + Unfinished, SearchOption.AllDirectories))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>The runs that have a snapshot here.</summary>
    public IReadOnlyList<string> Runs() => Directory.Exists(Path)
        ?
        [
            .. Directory.EnumerateDirectories(Path)
                .Where(folder => Directory.EnumerateFiles(folder, "*.snapshot").Any())
                .Select(folder => System.IO.Path.GetFileName(folder)),
        ]
        : [];

    /// <inheritdoc/>
    public SnapshotBuffer Read(string file, string sha256)
    {
        SnapshotBuffer snapshot = SnapshotBuffer.Read(Locate(file));
        if (snapshot.Sha256 == sha256)
        {
            return snapshot;
        }

        snapshot.Dispose();
        throw new SnapshotException($"The snapshot {Locate(file)} is not the one that was committed: its SHA-256 differs.");
    }

    /// <summary>Removes a snapshot; one that is not there is no error.</summary>
    public void Remove(string file)
    {
        string path = Locate(file);
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    /// <summary>One level only: above it is what the user has, or has not any more.</summary>
    private void MakeFolderOf(string file)
    {
        string folder = System.IO.Path.GetDirectoryName(Locate(file))!;
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.Exists(Path) ? Directory.CreateDirectory(folder) : throw Gone();
        }
        else if (Make(folder, ModeOfFolder) != 0 && !Directory.Exists(folder))
        {
            int error = Marshal.GetLastPInvokeError();
            throw Directory.Exists(Path)
                ? new IOException($"The folder {folder} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}.")
                : Gone();
        }

        DirectoryNotFoundException Gone() => new($"The folder {Path} is not there any more.");
    }

    /// <summary>Makes a rename durable; only Unix needs and has this.</summary>
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int handle = Open(folder, 0);
        if (handle < 0)
        {
            throw new IOException($"The folder {folder} cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        }

        try
        {
            if (Flush(handle) != 0)
            {
                throw new IOException($"The folder {folder} cannot be flushed (error {Marshal.GetLastPInvokeError()}).");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Make(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
