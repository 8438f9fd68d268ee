using System.Text;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Reads the text of an experiment's file, whatever the path leads to.</summary>
internal static class ExperimentFile
{
    // A file of a few kilobytes is expected; a device such as /dev/zero has no end.
    private const int MostBytes = 16_000_000;

    /// <summary>The text, from UTF-8, or UTF-16 with a byte order mark.</summary>
    /// <exception cref="ConfigurationException">There is none, or it is no text.</exception>
    public static string Read(string path)
    {
        if (path.Length == 0)
        {
            throw new ConfigurationException("The name of the configuration file is empty.");
        }

        if (!File.Exists(path))
        {
            throw new ConfigurationException(Directory.Exists(path)
                ? $"{path} is a folder; a configuration file is expected."
                : $"There is no configuration file {path}.");
        }

        try
        {
            // Strict: bytes that are not UTF-8 would otherwise become question marks inside names.
            using var reader = new StreamReader(
                new MemoryStream(Content(path)), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException problem)
        {
            throw new ConfigurationException($"{path} is not a text file in UTF-8.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {problem.Message.TrimEnd('.')}.", problem);
        }
    }

    // A pipe has no length and may yet be a configuration: it is read until it ends or is too long.
    private static byte[] Content(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using MemoryStream content = new();
        byte[] buffer = new byte[65_536];
        for (int read = file.Read(buffer); read > 0; read = file.Read(buffer))
        {
            content.Write(buffer, 0, read);
            if (content.Length > MostBytes)
            {
                throw new ConfigurationException(
                    $"{path} has more than {MostBytes / 1_000_000} megabytes; a configuration file is expected.");
            }
        }

        return content.ToArray();
    }
}
