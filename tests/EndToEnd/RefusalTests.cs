using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Bad input gets one sentence that names it, and nothing is touched.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class RefusalTests(Reference reference)
{
    [Theory]
    [InlineData("training.btch-size=3", "curvature.training.btch-size", "curvature.training.batch-size")]
    [InlineData("training.batch-size=-1", "curvature.training.batch-size", "-1")]
    [InlineData("optimizer.kind=adamm", "curvature.optimizer.kind", "adamm")]
    [InlineData("data.directory=/no/such/folder", "curvature.data.directory", "/no/such/folder")]
    [InlineData("training.steps=many", "curvature.training.steps", "many")]
    [InlineData("nonsense", "nonsense", "KEY=VALUE")]
    public async Task Given_a_wrong_setting_then_exit_code_2_and_one_sentence_that_names_it(
        string setting, string key, string value)
    {
        using var folder = new TemporaryFolder();
        string state = folder.Combine("state");

        ProgramResult result = await RunningProgram.RunAsync("run", reference.File, "--state", state, "--set", setting);

        IsRefused(result, key, value);
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public async Task Given_a_broken_or_missing_file_then_exit_code_2_and_one_sentence_that_names_it()
    {
        using var folder = new TemporaryFolder();
        string broken = folder.Write("broken.conf", "curvature { training { steps = 3 ");

        IsRefused(await RunningProgram.RunAsync("run", broken, "--state", folder.Combine("state")), "broken.conf", "line 1");
        IsRefused(
            await RunningProgram.RunAsync("run", folder.Combine("none.conf"), "--state", folder.Combine("state")), "none.conf", "no ");
        Assert.False(Directory.Exists(folder.Combine("state")));
    }

    [Fact]
    public async Task Given_damaged_data_then_exit_code_2_and_one_sentence_that_names_the_file()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train-images-idx3-ubyte", "these are no images");

        ProgramResult result = await RunningProgram.RunAsync(
            "run", reference.File, "--state", folder.Combine("state"),
            "--set", "data.name=idx", "--set", $"data.directory={folder.Path}");

        IsRefused(result, "train-images-idx3-ubyte", "expected");
        Assert.False(Directory.Exists(folder.Combine("state")));
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("run")]
    [InlineData("list", "--bogus")]
    [InlineData("show", "no-such-run")]
    public async Task Given_a_wrong_command_then_exit_code_2(params string[] arguments)
    {
        ProgramResult result = await RunningProgram.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.NotEqual("", result.Error);
    }

    [Fact]
    public async Task Given_a_directory_in_use_then_exit_code_4_and_who_holds_it()
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram first = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain");
        await first.WaitForLineAsync(line => line.Contains("running", StringComparison.Ordinal));
        first.Hold();

        ProgramResult second = await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain");

        Assert.Equal(4, second.ExitCode);
        Assert.Contains($"process {first.Id} ", second.Error, StringComparison.Ordinal);
        first.Release();
        Assert.Equal(0, (await first.WaitAsync()).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
    }

    private static void IsRefused(ProgramResult result, params string[] named)
    {
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.All(named, name => Assert.Contains(name, sentence, StringComparison.Ordinal));
    }
}
