using System.Text.Json;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// The right to write a state directory: an exclusively opened file, which the operating system gives free when
/// the process ends, however it ends. A file beside it says who holds it; the locked one cannot be read by others.
/// </summary>
public sealed class StateDirectoryLock : IDisposable
{
    private readonly FileStream _file;
    private readonly StateDirectory _directory;
    private readonly StateDirectoryHolder _holder;
    private readonly string? _place;
    private readonly HashSet<string> _databases = [];

    private StateDirectoryLock(FileStream file, StateDirectory directory, StateDirectoryHolder holder)
    {
        _file = file;
        _directory = directory;
        _holder = holder;
        _place = Place();
    }

    /// <summary>Takes the lock and creates the directory if need be.</summary>
    /// <exception cref="ConfigurationException">The path is none that can hold state; nothing was written.</exception>
    /// <exception cref="StateDirectoryException">
    /// Another process holds it, the directory cannot be written, or its file system knows no locks.
    /// </exception>
    public static StateDirectoryLock Acquire(StateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        StatePath.Check(directory);
        RequireFiles(directory);
        try
        {
            Directory.CreateDirectory(directory.Path);
            FileStream file = Open(FileOf(directory));
            try
            {
                RequireLocks(directory);
                var holder = new StateDirectoryHolder(
                    Environment.ProcessId, Environment.MachineName, DateTimeOffset.UtcNow, Environment.CommandLine);
                WriteHolder(directory, holder);
                return new StateDirectoryLock(file, directory, holder);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (HolderOf(directory) is { } holder)
            {
                throw new StateDirectoryException(
                    $"The state directory {directory.Path} is in use by {holder.Who}"
                    + (holder.IsKnown ? $" since {holder.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss} ({holder.Command})" : "")
                    + "; end it first, or choose another directory with --state.", error);
            }

            throw Unwritable(directory, error);
        }
    }

    /// <summary>Who holds a directory; null when nobody does.</summary>
    /// <exception cref="ConfigurationException">The path is none that can hold state, so nobody can have written there.</exception>
    /// <exception cref="StateDirectoryException">What should say it is a pipe, say, which would be waited for.</exception>
    public static StateDirectoryHolder? HolderOf(StateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        StatePath.Check(directory);
        RequireFiles(directory);
        string path = FileOf(directory);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            // Opening for reading asks for a shared lock, which an exclusive holder denies.
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return ReadHolder(HolderFileOf(directory));
        }
    }

    /// <summary>Writes beside the lock where its holder can be spoken to.</summary>
    /// <param name="control">Address of its control API.</param>
    /// <param name="token">Path of the file with the secret that it wants; null for none.</param>
    /// <exception cref="StateDirectoryException">The directory cannot be written.</exception>
    public void Announce(Uri control, string? token = null)
    {
        try
        {
            WriteHolder(_directory, _holder with { Address = control, Token = token });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_directory, error);
        }
    }

    /// <summary>
    /// Whether the directory is still the one that was locked: one that is removed or moved away takes everything that is
    /// written from then on with it.
    /// </summary>
    /// <returns>Null when it is; otherwise what has become of it, in a sentence.</returns>
    public string? Lost()
    {
        string? now = Place();
        if (now == _place && File.Exists(FileOf(_directory)))
        {
            return LostDatabase() is not { } database ? null
                : $"{database} was removed while the program was running: what was in it is lost unless it is put back. "
                    + "With the journal gone nothing can go on from here; without the telemetry runs go on, without their numbers so far.";
        }

        bool moved = now is not null && now != _place && File.Exists(now);
        return moved
            ? $"The state directory {_directory.Path} was moved to {Path.GetDirectoryName(now)} while the program was running; "
                + $"with --state {Path.GetDirectoryName(now)} the same command goes on from what was committed."
            : $"The state directory {_directory.Path}, or its lock file, was removed while the program was running: what else was in it "
                + "is lost, and the same command starts again with what is left.";
    }

    /// <summary>A database that was there at an earlier look and is not any more.</summary>
    private string? LostDatabase()
    {
        foreach (string database in (string[])[_directory.Journal, _directory.Telemetry])
        {
            if (File.Exists(database))
            {
                _databases.Add(database);
            }
            else if (_databases.Contains(database))
            {
                return database;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Where the kernel says that the locked file is now; null where it does not say so.</summary>
    private string? Place()
    {
        try
        {
            return new FileInfo($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static StateDirectoryException Unwritable(StateDirectory directory, Exception error) => new(
        $"The state directory {directory.Path} cannot be written: {error.Message.TrimEnd('.')}. The same command goes on once it can.", error);

    /// <summary>A folder in their place fails by itself; what would be waited for, or has no end, is refused before it is opened.</summary>
    private static void RequireFiles(StateDirectory directory)
    {
        foreach (string file in (string[])[FileOf(directory), HolderFileOf(directory)])
        {
            if (PlainFile.Instead(file) is { } instead && !Directory.Exists(file))
            {
                throw new StateDirectoryException($"{file} is {instead}, no file; remove it, or choose another directory with --state.");
            }
        }
    }

    private static string HolderFileOf(StateDirectory directory) => Path.Combine(directory.Path, "lock.json");

    /// <summary>
    /// Tries the lock that was just taken: where the file system knows none (some network and user-space ones), or they are
    /// switched off, the runtime opens the file as if it had it.
    /// </summary>
    private static void RequireLocks(StateDirectory directory)
    {
        try
        {
            using var second = new FileStream(FileOf(directory), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (IOException)
        {
            return;
        }

        throw new StateDirectoryException(
            $"The state directory {directory.Path} is on a file system without locks (or DOTNET_SYSTEM_IO_DISABLEFILELOCKING is "
            + "set), so two programs could write it at the same time; choose a directory on another one with --state.");
    }

    /// <summary>Tries a few times: a reader that asks who the holder is has the file open for a moment.</summary>
    private static FileStream Open(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 5)
            {
                Thread.Sleep(20);
            }
        }
    }

    private static string FileOf(StateDirectory directory) => Path.Combine(directory.Path, "lock");

    /// <summary>Replaces the file as a whole: whoever reads it sees the old one or the new one.</summary>
    private static void WriteHolder(StateDirectory directory, StateDirectoryHolder holder)
    {
        string file = HolderFileOf(directory);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(holder));
        File.Move(file + ".new", file, overwrite: true);
    }

    private static StateDirectoryHolder ReadHolder(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<StateDirectoryHolder>(File.ReadAllText(path))
                ?? throw new JsonException("empty");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            // The holder is just writing its name, or somebody has removed it.
            return StateDirectoryHolder.Unknown;
        }
    }
}
