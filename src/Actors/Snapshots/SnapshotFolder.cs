using System.Runtime.InteropServices;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>The folder of snapshots: <c>RUN/ATTEMPT-STEP.snapshot</c>, each written so that it is whole or not there.</summary>
/// <param name="path">The folder; created when first written to.</param>
public sealed partial class SnapshotFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The file of a snapshot, relative to the folder.</summary>
    public static string FileOf(string run, int attempt, int step) => $"{run}/{attempt}-{step}.snapshot";

    /// <summary>The absolute path of a file of the folder.</summary>
    public string Locate(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>
    /// Writes a snapshot: a temporary file, flushed to the disk, renamed, and the folder flushed, so that after
    /// this returns the snapshot survives a loss of power, and before it no reader sees half of one.
    /// </summary>
    /// <returns>Where it lies, with its digest.</returns>
    public SnapshotReference Write(string run, int attempt, int step, SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        string file = FileOf(run, attempt, step);
        string target = Locate(file);
        string folder = System.IO.Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        string temporary = target + ".writing";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            snapshot.WriteTo(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, target, overwrite: true);
        FlushFolder(folder);
        return new SnapshotReference(file, snapshot.Sha256, snapshot.Length);
    }

    /// <summary>Reads a snapshot and checks it against its digest.</summary>
    /// <exception cref="SnapshotException">It is missing, damaged, or not the one that was committed.</exception>
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

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
