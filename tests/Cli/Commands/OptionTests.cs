using System.Text.Json;
using CurvatureActors.Cli.Commands;

namespace CurvatureActors.Cli.Tests.Commands;

/// <summary>
/// Every option and argument of every command, found in the tree of commands, with values that nobody means: the end is an
/// answer or a sentence, never a stack trace. They run in this process, on a state directory with a finished run.
/// </summary>
[Collection(OptionsDefinition.Name)]
public sealed class OptionTests(FinishedRun finished)
{
    private static readonly int[] Ends = [0, 2, 3, 4];

    private static readonly string[] Values =
    [
        "", " ", "abc", "-1", "0", "1.5", "1e400", "1000", "2147483647", "99999999999999999999", "a\n\u001b=;\"'", "2\u00a0", new('x', 5_000),
    ];

    public static TheoryData<string, string> Options => [.. CurvatureCommand.Create().Subcommands.SelectMany(command =>
        command.Options.Where(option => option.Name.StartsWith("--", StringComparison.Ordinal))
            .Select(option => (command.Name, option.Name))
            .Concat(command.Arguments.Select(argument => (command.Name, argument.Name))))];

    [Fact]
    public void The_tree_has_the_commands_and_options_that_people_use()
    {
        Assert.Contains(("run", "--workers"), Rows());
        Assert.Contains(("probe", "--top"), Rows());
        Assert.Contains(("report", "--out"), Rows());
        Assert.Contains(("cancel", "TARGET"), Rows());

        static (string, string)[] Rows() => [.. Options.Select(row => row.Data)];
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task No_value_of_any_option_ends_in_a_stack_trace(string command, string option)
    {
        foreach (string value in Values)
        {
            string[] arguments = finished.Arguments(command, option, value);
            (int end, string error) = await FinishedRun.InvokeAsync(arguments);

            string shown = $"{string.Join(' ', arguments.Select(argument => JsonSerializer.Serialize(argument)))}: {end}, {error}";
            Assert.True(Ends.Contains(end), shown);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
            Assert.True(end is 0 or 3 || error.Trim().Length > 0, shown);
        }
    }

    [Theory]
    [InlineData("list", "--state", "")]
    [InlineData("list", "--state=", "--json")]
    [InlineData("run", "tiny.conf", "--state=", "--plain")]
    [InlineData("report", "--out", "", "--state", "x")]
    [InlineData("show", "")]
    [InlineData("probe", "")]
    [InlineData("cancel", "")]
    public async Task An_option_without_a_value_takes_nothing_elses(params string[] arguments)
    {
        (int end, string error) = await FinishedRun.InvokeAsync(arguments);
        Assert.Equal(2, end);
        Assert.Contains(" is empty; a value is expected", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "--state", "", "--state is empty; a value is expected (is a variable of the shell not set?).")]
    [InlineData("report", "--out", "", "--out is empty; a value is expected (is a variable of the shell not set?).")]
    [InlineData("run", "--workers", "abc", "--workers is \"abc\"; a whole number from 1 to 1024 is expected.")]
    [InlineData("resume", "--workers", "2147483647", "--workers is \"2147483647\"; a whole number from 1 to 1024 is expected.")]
    [InlineData("probe", "--top", "1.5", "--top is \"1.5\"; a whole number from 1 to 1000 is expected.")]
    [InlineData("probe", "--examples", "-1", "--examples is \"-1\"; a whole number from 1 to 2147483647 is expected.")]
    [InlineData("plan", "FILE", "", "The name of the configuration file is empty.")]
    public async Task A_wrong_value_is_named_with_what_is_expected(string command, string option, string value, string sentence)
    {
        (int end, string error) = await FinishedRun.InvokeAsync(finished.Arguments(command, option, value));
        Assert.Equal(2, end);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}

/// <summary>Nothing else runs meanwhile: the console and the working directory belong to the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OptionsDefinition : ICollectionFixture<FinishedRun>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "options";
}
