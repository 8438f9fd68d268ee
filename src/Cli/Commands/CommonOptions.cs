using System.CommandLine;
using System.Globalization;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Commands;

/// <summary>Options and arguments that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Where state lies when neither the command nor the configuration says otherwise.</summary>
    public const string DefaultStateDirectory = ".curvature";

    /// <summary>More processes than any one machine has devices for; each of them is listed.</summary>
    private const int MostWorkers = 1024;

    public static Option<string?> State() => NotEmpty(new Option<string?>("--state")
    {
        Description = "State directory; overrides curvature.state.directory (default .curvature).",
        HelpName = "DIR",
    });

    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    public static Option<bool> Plain() => new("--plain") { Description = "Print lines instead of a live table." };

    public static Option<int?> Workers() => WholeNumber(new Option<int?>("--workers")
    {
        Description = "Train in so many worker processes, each with its share of the devices; a crash costs one of them.",
        HelpName = "N",
    }, MostWorkers);

    /// <summary>An option whose value must not be empty, as it is when a shell's variable is not set.</summary>
    public static Option<string?> NotEmpty(Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError(Empty(option.Name));
            }
        });
        return option;
    }

    /// <summary>An argument that must not be empty either.</summary>
    public static Argument<string> NotEmpty(Argument<string> argument)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError(Empty(argument.Name));
            }
        });
        return argument;
    }

    /// <summary>What to say of an option without a value.</summary>
    public static string Empty(string name) => $"{name} is empty; a value is expected (is a variable of the shell not set?).";

    /// <summary>An option that takes a whole number from <paramref name="minimum"/> on, and says so of anything else.</summary>
    public static Option<T> WholeNumber<T>(Option<T> option, int maximum = int.MaxValue, int minimum = 1)
    {
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum)
            {
                return (T)(object)number;
            }

            result.AddError(
                $"{option.Name} is \"{text}\"{DisplayText.Unseen(text)}; a whole number from {minimum} to {maximum} is expected.");
            return default;
        };
        return option;
    }

    /// <summary>An option that takes a number above 0 and below 1, and says so of anything else.</summary>
    public static Option<double?> Fraction(Option<double?> option)
    {
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is > 0 and < 1)
            {
                return number;
            }

            result.AddError($"{option.Name} is \"{text}\"; a number above 0 and below 1 is expected.");
            return null;
        };
        return option;
    }

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Override a key of the file, e.g. --set curvature.training.steps=50. May be repeated.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    public static Argument<string> File() => new("FILE") { Description = "Experiment file (HOCON)." };

    public static Argument<string> Run() => NotEmpty(new Argument<string>("RUN")
    {
        Description = "A run's identity, the beginning of it, or its name.",
    });

    /// <summary>The state directory of a command that reads no experiment file.</summary>
    public static StateDirectory Directory(string? option) => new(option ?? DefaultStateDirectory);
}
