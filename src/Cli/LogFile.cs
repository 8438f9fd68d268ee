using CurvatureActors.Actors.Hosting;
using CurvatureActors.Cli.Display;
using CurvatureActors.Training;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace CurvatureActors.Cli;

/// <summary>
/// The log goes to a file of the state directory: the terminal belongs to the table and to sentences, and what a
/// library says about an error (stack traces included) is for who looks for it. A log that cannot be written is the least
/// that is missing then, and ends nothing: what fails beside it says what is lost and what is not.
/// </summary>
internal static class LogFile
{
    private const long MostBytes = 10_000_000;

    /// <summary>Logs to <c>curvature.log</c>, or a worker to a file of its own beside it.</summary>
    public static void Use(ILoggingBuilder logging, StateDirectory directory, string? worker = null)
    {
        string path = worker is null ? directory.Log : Path.ChangeExtension(directory.Log, $"{worker}.log");
        if (PlainFile.Instead(path) is not null && !Directory.Exists(path))
        {
            // Who opens a pipe waits for somebody to read it. (A folder is passed by: the next name is taken.)
            return;
        }

        try
        {
            Logger logger = new LoggerConfiguration()
                // How much the actor system says is akka.loglevel's to decide; the rest of the program is for warnings only.
                .MinimumLevel.Verbose()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .WriteTo.File(
                    new SafeLogText(),
                    path,
                    fileSizeLimitBytes: MostBytes,
                    rollOnFileSizeLimit: true,
                    retainedFileCountLimit: 3)
                .CreateLogger();
            logging.SetMinimumLevel(LogLevel.Trace)
                .AddProvider(new Forgiving(new SerilogLoggerProvider(logger, dispose: true)));
        }
        catch (Exception error) when (IsTrouble(error))
        {
            // Neither a full disk nor a file that may not be written is a reason not to start.
        }
    }

    private static bool IsTrouble(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>Writing fails silently inside Serilog; closing the file, which writes the rest, does not.</summary>
    private sealed class Forgiving(SerilogLoggerProvider inner) : ILoggerProvider
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => inner.CreateLogger(categoryName);

        public void Dispose()
        {
            try
            {
                inner.Dispose();
            }
            catch (Exception error) when (IsTrouble(error))
            {
                // What could not be written to the log is lost with it.
            }
        }
    }
}
