namespace CurvatureActors.Cli;

/// <summary>The folder of <c>runtime.audit</c>.</summary>
internal static class AuditFolder
{
    /// <summary>Makes it and tries to write to it, before any run depends on it.</summary>
    /// <param name="folder">The folder; null for none.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Require(string? folder)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            string trial = Path.Combine(folder, $".writable-{Environment.ProcessId}");
            File.WriteAllText(trial, "writable");
            File.Delete(trial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"curvature.runtime.audit is \"{folder}\", which cannot be written: {error.Message.TrimEnd('.')}. Name a folder that can, or \"\" for none.");
        }
    }
}
