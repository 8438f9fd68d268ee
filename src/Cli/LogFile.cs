using CurvatureActors.Actors.Hosting;
using CurvatureActors.Cli.Display;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;

namespace CurvatureActors.Cli;

/// <summary>
/// The log goes to a file of the state directory: the terminal belongs to the table and to sentences, and what a
/// library says about an error (stack traces included) is for who looks for it.
/// </summary>
internal static class LogFile
{
    private const long MostBytes = 10_000_000;

    /// <summary>Logs to <c>curvature.log</c>, or a worker to a file of its own beside it.</summary>
    public static void Use(ILoggingBuilder logging, StateDirectory directory, string? worker = null)
    {
        try
        {
            Logger logger = new LoggerConfiguration()
                .MinimumLevel.Warning()
                .WriteTo.File(
                    new SafeLogText(),
                    worker is null ? directory.Log : Path.ChangeExtension(directory.Log, $"{worker}.log"),
                    fileSizeLimitBytes: MostBytes,
                    rollOnFileSizeLimit: true,
                    retainedFileCountLimit: 3)
                .CreateLogger();
            logging.AddSerilog(logger, dispose: true);
        }
        catch (IOException)
        {
            // On a full disk the log is the least that is missing; what fails next says what is lost and what is not.
        }
    }
}
