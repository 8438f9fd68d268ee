using System.CommandLine;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Cli.Commands;

/// <summary>Options and arguments that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Where state lies when neither the command nor the configuration says otherwise.</summary>
    public const string DefaultStateDirectory = ".curvature";

    public static Option<string?> State() => new("--state")
    {
        Description = "State directory; overrides curvature.state.directory (default .curvature).",
        HelpName = "DIR",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    public static Option<bool> Plain() => new("--plain") { Description = "Print lines instead of a live table." };

    public static Option<int?> Workers()
    {
        var option = new Option<int?>("--workers")
        {
            Description = "Train in so many worker processes, each with its share of the devices; a crash costs one of them.",
            HelpName = "N",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError($"--workers is {result.GetValueOrDefault<int?>()}; allowed are whole numbers above 0.");
            }
        });
        return option;
    }

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Override a key of the file, e.g. --set curvature.training.steps=50. May be repeated.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    public static Argument<string> File() => new("FILE") { Description = "Experiment file (HOCON)." };

    public static Argument<string> Run() => new("RUN") { Description = "A run's identity, the beginning of it, or its name." };

    /// <summary>The state directory of a command that reads no experiment file.</summary>
    public static StateDirectory Directory(string? option) => new(option ?? DefaultStateDirectory);
}
