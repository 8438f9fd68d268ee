namespace CurvatureActors.EndToEnd.Tests.Harness;

/// <summary>The sweep run once from beginning to end with nothing in its way: the oracle of the other tests.</summary>
public sealed class Reference : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal string File { get; private set; } = "";

    internal string State => _folder.Combine("state");

    internal ProgramResult Result { get; private set; } = new(-1, "", "");

    internal Dictionary<string, string> Outcomes { get; private set; } = [];

    internal List<string> Steps { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        File = _folder.Write("small.conf", SmallSweep.Text);
        Result = await RunningProgram.RunAsync("run", File, "--state", State, "--plain");
        Assert.Equal("", Result.Error);
        Assert.Equal(0, Result.ExitCode);
        Outcomes = await Harness.State.OutcomesAsync(State);
        Steps = Harness.State.Steps(State);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Shares the reference between the classes.</summary>
[CollectionDefinition(Name)]
public sealed class ReferenceDefinition : ICollectionFixture<Reference>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "reference";
}
