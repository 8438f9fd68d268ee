using System.CommandLine;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Training.Data;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Cli.Commands;

/// <summary>The program's commands, and the one place where an error becomes a sentence and an exit code.</summary>
internal static class CurvatureCommand
{
    private const string StackTraceVariable = "CURVATURE_STACK_TRACE";

    /// <summary>Runs the program.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> InvokeAsync(string[] args)
    {
        // An equals sign with nothing after it would make the next option the value.
        if (args.FirstOrDefault(argument =>
            argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=') == argument.Length - 1) is { } empty)
        {
            return await FailAsync($"{CommonOptions.Empty(empty[..^1])} Try: curvature --help", ExitCode.Usage).ConfigureAwait(false);
        }

        ParseResult parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(
                $"{string.Join(' ', parsed.Errors.Select(error => error.Message))} Try: curvature --help").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        try
        {
            // Exceptions come to the handlers below; Ctrl-C belongs to the run command.
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            int exitCode = await parsed.InvokeAsync(invocation).ConfigureAwait(false);
            return exitCode == ExitCode.Success && StandardStreams.OutputLost && !Trains(parsed) ? ExitCode.Internal : exitCode;
        }
        catch (ReportException error) when (error.InnerException is not null)
        {
            return await FailAsync(error.Message, ExitCode.Storage).ConfigureAwait(false);
        }
        catch (Exception error) when (error is UsageException or ReportException or ConfigurationException or DataSetException)
        {
            return await FailAsync(error.Message, ExitCode.Usage, (error as UsageException)?.Details).ConfigureAwait(false);
        }
        catch (Exception error) when (error is StateDirectoryException or SqliteException)
        {
            return await FailAsync(error.Message, ExitCode.Storage).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(error.Message, ExitCode.Storage).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return await FailInternallyAsync(error).ConfigureAwait(false);
        }
    }

    /// <summary>Whether what counts is how runs ended, and what is printed only tells of it.</summary>
    private static bool Trains(ParseResult parsed) => parsed.CommandResult.Command.Name is RunCommand.Name or ResumeCommand.Name;

    /// <summary>The tree of all commands with their options.</summary>
    internal static RootCommand Create()
    {
        var root = new RootCommand("Trains neural networks under watch of their loss curvature, and rescues them when they diverge.")
        {
            RunCommand.Create(),
            ResumeCommand.Create(),
            PlanCommand.Create(),
            ListCommand.Create(),
            ShowCommand.Create(),
            EventsCommand.Create(),
            ProbeCommand.Create(),
            ReportCommand.Create(),
            DoctorCommand.Create(),
            WorkerCommand.Create(),
        };
        foreach (Command control in ControlCommand.CreateAll())
        {
            root.Add(control);
        }

        return root;
    }

    /// <summary>The last net: an error of the program itself is one sentence too; who looks for it gets the place.</summary>
    private static Task<int> FailInternallyAsync(Exception error)
    {
        string sentence = $"Internal error ({error.GetType().Name}): {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
        return Environment.GetEnvironmentVariable(StackTraceVariable) is { Length: > 0 }
            ? FailAsync(sentence, ExitCode.Internal, error.ToString().ReplaceLineEndings("\n").Split('\n'))
            : FailAsync(
                $"{sentence} Please report it; with the environment variable {StackTraceVariable}=1 the program says where it happened.",
                ExitCode.Internal);
    }

    private static async Task<int> FailAsync(string sentence, int exitCode, IReadOnlyList<string>? details = null)
    {
        foreach (string line in (string[])[sentence, .. details ?? []])
        {
            await Console.Error.WriteLineAsync(line).ConfigureAwait(false);
        }

        return exitCode;
    }
}
