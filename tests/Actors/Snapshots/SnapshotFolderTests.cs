using System.Security.Cryptography;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Tests.Snapshots;

[Collection(SnapshotMemory.Name)]
public sealed class SnapshotFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SnapshotBuffer _snapshot = SmallExperiment.Snapshot(SmallExperiment.Run());

    private SnapshotFolder Folder => new(_temporary["snapshots"]);

    public SnapshotFolderTests() => Folder.Create();

    public void Dispose()
    {
        _snapshot.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public void Given_a_snapshot_that_is_there_and_cannot_be_read_then_it_is_not_called_damaged()
    {
        SnapshotReference reference = Folder.Save("run", 1, 10, _snapshot);
        string path = Folder.Locate(reference.File);
        File.Delete(path);
        Assert.Throws<SnapshotException>(() => Folder.Read(reference.File, reference.Sha256));

        // Nobody can read a folder as a file, whatever their rights.
        Directory.CreateDirectory(path);
        Assert.Contains(
            path, Assert.Throws<SnapshotUnreadableException>(() => Folder.Read(reference.File, reference.Sha256)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_folder_that_was_taken_away_then_it_is_not_made_again()
    {
        Folder.Save("run", 1, 10, _snapshot);
        Directory.Delete(_temporary["snapshots"], recursive: true);

        string message = Assert.Throws<DirectoryNotFoundException>(() => Folder.Stage("run", 1, 1, 20, _snapshot)).Message;

        Assert.Contains(_temporary["snapshots"], message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temporary["snapshots"]));
        Folder.Create();
        Folder.Save("run", 1, 20, _snapshot);
        Assert.Equal(["1-20.snapshot"], Files());
    }

    [Fact]
    public void Given_a_written_snapshot_then_the_file_is_its_bytes_and_the_reference_its_digest()
    {
        SnapshotReference reference = Folder.Save("run", 2, 30, _snapshot);

        Assert.Equal("run/2-30.snapshot", reference.File);
        byte[] file = File.ReadAllBytes(_temporary["snapshots/run/2-30.snapshot"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), reference.Sha256);
        Assert.Equal(file.Length, reference.Bytes);
        using SnapshotBuffer read = Folder.Read(reference.File, reference.Sha256);
        Assert.Equal(_snapshot.Sha256, read.Sha256);
        Assert.Equal(["2-30.snapshot"], Files());
    }

    [Fact]
    public void Given_a_staged_snapshot_then_it_is_none_before_it_is_published_and_goes_when_nobody_did()
    {
        Folder.Stage("run", 3, 1, 10, _snapshot);
        SnapshotReference published = Folder.Save("run", 1, 20, _snapshot);

        Assert.Throws<SnapshotException>(() => Folder.Read("run/1-10.snapshot", _snapshot.Sha256));
        Folder.RemoveUnfinished();

        Assert.Equal(["1-20.snapshot"], Files());
        using SnapshotBuffer read = Folder.Read(published.File, published.Sha256);
        Assert.Equal(_snapshot.Length, read.Length);
    }

    [Fact]
    public void Given_two_claims_that_stage_the_same_step_then_neither_touches_the_others_and_one_is_published()
    {
        string stale = Folder.Stage("run", 1, 1, 10, _snapshot);
        using SnapshotBuffer other = SmallExperiment.Snapshot(SmallExperiment.Run("seed=9"));
        string current = Folder.Stage("run", 2, 1, 10, other);
        Folder.Publish(current, "run/1-10.snapshot");

        // The stale trainer wakes up and writes again; nobody publishes that.
        Assert.Equal(stale, Folder.Stage("run", 1, 1, 10, _snapshot));

        using SnapshotBuffer read = Folder.Read("run/1-10.snapshot", other.Sha256);
        Assert.Equal(other.Length, read.Length);
    }

    [Fact]
    public void Given_a_write_that_fails_then_the_snapshot_that_was_there_stays_whole()
    {
        SnapshotReference reference = Folder.Save("run", 1, 10, _snapshot);

        // A folder where the staged file should go.
        Directory.CreateDirectory(_temporary["snapshots/run/1-10.snapshot.1.writing"]);
        Assert.ThrowsAny<Exception>(() => Folder.Save("run", 1, 10, _snapshot));

        using SnapshotBuffer read = Folder.Read(reference.File, reference.Sha256);
        Assert.Equal(_snapshot.Sha256, read.Sha256);
    }

    [Fact]
    public void Given_another_or_a_damaged_file_then_reading_it_is_refused_and_its_memory_given_back()
    {
        SnapshotReference reference = Folder.Save("run", 1, 10, _snapshot);
        using SnapshotBuffer other = SmallExperiment.Snapshot(SmallExperiment.Run("seed=9"));
        string sha256 = Folder.Save("run", 1, 20, other).Sha256;
        int inUse = SnapshotMemory.LeasesInUse();

        Assert.Contains(
            "not the one that was committed",
            Assert.Throws<SnapshotException>(() => Folder.Read(reference.File, sha256)).Message, StringComparison.Ordinal);

        byte[] bytes = File.ReadAllBytes(Folder.Locate(reference.File));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Folder.Locate(reference.File), bytes);
        Assert.Throws<SnapshotException>(() => Folder.Read(reference.File, reference.Sha256));
        Assert.Equal(inUse, SnapshotPool.Shared.BuffersInUse);
    }

    [Fact]
    public void Given_a_removal_then_only_that_snapshot_goes_and_a_missing_one_is_no_error()
    {
        SnapshotReference first = Folder.Save("run", 1, 10, _snapshot);
        Folder.Save("run", 1, 20, _snapshot);

        Folder.Remove(first.File);
        Folder.Remove(first.File);

        Assert.Equal(["1-20.snapshot"], Files());
    }

    private IEnumerable<string?> Files() => Directory.GetFiles(_temporary["snapshots/run"]).Select(Path.GetFileName);
}
