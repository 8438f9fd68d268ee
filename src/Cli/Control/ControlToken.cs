using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Training;

namespace CurvatureActors.Cli.Control;

/// <summary>
/// The secret of a running program, which whoever controls it has to know: every user of a machine can reach its loopback
/// address. It lies in a file of the state directory that only the owner reads, and is another one at each start.
/// </summary>
internal static class ControlToken
{
    private const int Bytes = 32;
    private const string Scheme = "Bearer ";

    /// <summary>Writes a new secret.</summary>
    /// <returns>It, 64 hex digits.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static string Create(StateDirectory directory)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

        // Never into a file or through a link that is there: it comes into being with its mode, or not at all.
        File.Delete(directory.Token);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(directory.Token, options);
        file.Write(Encoding.ASCII.GetBytes(token));
        return token;
    }

    /// <summary>
    /// The secret of the program that runs on a directory. Only what looks like one is handed on: a directory that came
    /// from elsewhere could name any file of the reader's.
    /// </summary>
    /// <exception cref="StateDirectoryException">It cannot be read; the message says who can.</exception>
    public static string Read(StateDirectory directory)
    {
        if (!Path.Exists(directory.Token))
        {
            throw new StateDirectoryException(
                $"{directory.Token} was removed, and without it the program running on {directory.Path} cannot be controlled: "
                + "end it by Ctrl-C or SIGTERM, and the same command goes on.");
        }

        if (PlainFile.Instead(directory.Token) is { } instead)
        {
            throw new StateDirectoryException($"{directory.Token} is {instead}; the file with the token of a running program is expected.");
        }

        try
        {
            using var file = new FileStream(directory.Token, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> digits = stackalloc byte[2 * Bytes + 1];
            string token = Encoding.ASCII.GetString(digits[..file.ReadAtLeast(digits, digits.Length, throwOnEndOfStream: false)]);
            return token.Length == 2 * Bytes && token.All(char.IsAsciiHexDigitLower)
                ? token
                : throw new StateDirectoryException($"{directory.Token} holds no token of a running program.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException(
                $"The token of the program running on {directory.Path} cannot be read ({error.Message}); "
                + "only the user who started it, and root, may control it.", error);
        }
    }

    /// <summary>Of the header's value.</summary>
    public static string Header(string token) => Scheme + token;

    /// <summary>Whether a header <c>Authorization</c> holds the secret, in a time that tells nothing of where they differ.</summary>
    public static bool IsIn(string? header, string token) =>
        header?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())),
            SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
