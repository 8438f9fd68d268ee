using System.CommandLine;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Commands;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Cli.Tests.Commands;

/// <summary>A state directory with one run of two steps, and the program's commands called in this process.</summary>
public sealed class FinishedRun : IAsyncLifetime
{
    private const string Text =
        """
        curvature {
          data { name = synthetic, dimension = 2, train-examples = 16, test-examples = 4 }
          model.kind = quadratic
          training { loss = output, steps = 2, batch-size = 4 }
          probe { examples = 8, max-products = 4 }
          devices = cpu
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-options-").FullName;
    private readonly string _before = Environment.CurrentDirectory;
    private string _run = "";

    private string State => Path.Combine(_folder, "state");

    public async ValueTask InitializeAsync()
    {
        Environment.CurrentDirectory = _folder;
        await File.WriteAllTextAsync(Path.Combine(_folder, "tiny.conf"), Text);
        (int end, string error) = await InvokeAsync("run", "tiny.conf", "--plain", "--state", State);
        Assert.True(end == 0, error);
        using var reader = new StateReader(new StateDirectory(State));
        _run = Assert.Single(Assert.Single(reader.Experiments()).Runs).Run;
    }

    public ValueTask DisposeAsync()
    {
        Environment.CurrentDirectory = _before;
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A command with a value for one of its options or arguments, and sensible ones for the rest.</summary>
    internal string[] Arguments(string name, string option, string value)
    {
        Command command = CurvatureCommand.Create().Subcommands.Single(command => command.Name == name);
        List<string> arguments = [name];
        foreach (Argument argument in command.Arguments)
        {
            arguments.Add(argument.Name == option ? value
                : argument.Name == "FILE" ? "tiny.conf"
                : argument.Name == "EXPERIMENT" ? "tiny"
                : _run);
        }

        if (option.StartsWith("--", StringComparison.Ordinal))
        {
            arguments.Add($"{option}={value}");
        }

        if (option != "--state" && command.Options.Any(other => other.Name == "--state"))
        {
            arguments.AddRange("--state", State);
        }

        if (option != "--plain" && command.Options.Any(other => other.Name == "--plain"))
        {
            arguments.Add("--plain");
        }

        return [.. arguments];
    }

    /// <summary>Calls the program.</summary>
    /// <returns>Exit code and standard error.</returns>
    internal static async Task<(int End, string Error)> InvokeAsync(params string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using var written = new StringWriter();
        try
        {
            Console.SetOut(TextWriter.Null);
            Console.SetError(written);
            int end = await CurvatureCommand.InvokeAsync(arguments).WaitAsync(TimeSpan.FromMinutes(2));
            return (end, written.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
