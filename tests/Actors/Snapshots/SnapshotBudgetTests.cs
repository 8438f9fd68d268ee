using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Tests.Hosting;

namespace CurvatureActors.Actors.Tests.Snapshots;

public sealed class SnapshotBudgetTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private SnapshotFolder Folder => new(_temporary["snapshots"]);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Given_too_much_the_oldest_that_can_be_spared_go_and_no_more_than_need_be()
    {
        Make("a/1-0.snapshot", age: 5);
        Make("a/1-10.snapshot", age: 4);
        Make("b/1-0.snapshot", age: 3);
        Make("b/1-10.snapshot", age: 2);
        Make("b/1-20.snapshot", age: 1);
        var budget = new SnapshotBudget(Folder, bytes: 400);

        Assert.Null(budget.Keep("a", ["a/1-10.snapshot"]));
        Assert.Equal(["a/1-0.snapshot", "b/1-0.snapshot", "b/1-10.snapshot", "b/1-20.snapshot"], Files());

        Make("b/1-30.snapshot", age: 0);
        Assert.Null(budget.Keep("b", ["b/1-0.snapshot", "b/1-10.snapshot"]));
        Assert.Equal(["a/1-0.snapshot", "b/1-10.snapshot", "b/1-20.snapshot", "b/1-30.snapshot"], Files());
    }

    [Fact]
    public void Given_that_all_is_needed_nothing_goes_and_it_is_said_once()
    {
        Make("a/1-0.snapshot", age: 2);
        Make("a/1-10.snapshot", age: 1);
        var budget = new SnapshotBudget(Folder, bytes: 150);

        Assert.Contains("above snapshot.disk-budget", budget.Keep("a", []), StringComparison.Ordinal);
        Assert.Null(budget.Keep("a", []));
        Assert.Equal(2, Files().Length);
    }

    /// <summary>A file of 100 bytes so many hours old.</summary>
    private void Make(string file, int age)
    {
        string path = Folder.Locate(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[100]);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-age));
    }

    private string[] Files() =>
    [
        .. Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder.Path, file)).Order(StringComparer.Ordinal),
    ];
}
