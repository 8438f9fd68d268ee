using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Tests.Snapshots;

public sealed class SnapshotStoreTests : NodeTest
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SnapshotPool _memory = new();

    protected override void AfterAll()
    {
        base.AfterAll();
        _temporary.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public async Task Given_a_snapshot_then_it_is_on_disk_when_the_store_says_so_and_its_lease_is_given_back()
    {
        var folder = new SnapshotFolder(_temporary["snapshots"]);
        folder.Create();
        IActorRef store = Sys.ActorOf(SnapshotStore.Props(folder, TimeSpan.Zero));
        store.Tell(new SnapshotStore.Write("run", 1, 1, 10, Anchor: true, Snapshot(), WhenUnwritable.Pause), TestActor);

        SnapshotStore.Written written = await ExpectAsync<SnapshotStore.Written>();
        Assert.Equal((10, true), (written.Step, written.Anchor));
        store.Tell(new SnapshotStore.Publish(written.Staged, written.Reference.File), TestActor);
        Assert.Equal(written.Staged, (await ExpectAsync<SnapshotStore.Published>()).Staged);
        using (folder.Read(written.Reference.File, written.Reference.Sha256))
        {
        }

        await StopAsync(store);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_files_to_remove_then_they_go_and_the_store_goes_on_when_one_cannot()
    {
        var folder = new SnapshotFolder(_temporary["snapshots"]);
        folder.Create();
        IActorRef store = Sys.ActorOf(SnapshotStore.Props(folder, TimeSpan.Zero));
        store.Tell(new SnapshotStore.Write("run", 1, 1, 10, Anchor: true, Snapshot(), WhenUnwritable.Pause), TestActor);
        SnapshotStore.Written first = await ExpectAsync<SnapshotStore.Written>();
        string file = first.Reference.File;
        store.Tell(new SnapshotStore.Publish(first.Staged, file), TestActor);
        await ExpectAsync<SnapshotStore.Published>();

        store.Tell(new SnapshotStore.Remove("run", ["run/0-0.snapshot", file], []));
        store.Tell(new SnapshotStore.Write("run", 1, 1, 20, Anchor: false, Snapshot(), WhenUnwritable.Pause), TestActor);

        Assert.False((await ExpectAsync<SnapshotStore.Written>()).Anchor);
        Assert.False(File.Exists(folder.Locate(file)));
    }

    [Fact]
    public async Task Given_a_folder_that_cannot_be_written_then_storage_has_failed_and_the_lease_is_given_back()
    {
        File.WriteAllText(_temporary["snapshots"], "a file where the folder should be");
        Sys.EventStream.Subscribe(TestActor, typeof(StorageFailed));
        IActorRef store = Sys.ActorOf(SnapshotStore.Props(new SnapshotFolder(_temporary["snapshots"]), TimeSpan.Zero));

        store.Tell(new SnapshotStore.Write("abcdef", 1, 1, 10, Anchor: true, Snapshot(), WhenUnwritable.Pause), TestActor);

        // Not a word of success: the failure is the first thing heard.
        StorageFailed failed = await ExpectAsync<StorageFailed>();
        Assert.Contains("run abcdef at step 10", failed.Message, StringComparison.Ordinal);
        Assert.Contains(_temporary["snapshots"], failed.Message, StringComparison.Ordinal);
        await StopAsync(store);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_folder_that_can_be_written_again_then_the_snapshot_that_waited_is_written()
    {
        File.WriteAllText(_temporary["snapshots"], "a file where the folder should be");
        Sys.EventStream.Subscribe(TestActor, typeof(StorageTrouble));
        Sys.EventStream.Subscribe(TestActor, typeof(StorageFailed));
        var folder = new SnapshotFolder(_temporary["snapshots"]);
        IActorRef store = Sys.ActorOf(SnapshotStore.Props(folder, TimeSpan.FromMinutes(2)));
        store.Tell(new SnapshotStore.Write("abcdef", 1, 1, 10, Anchor: true, Snapshot(), WhenUnwritable.Pause), TestActor);
        Assert.Contains("run abcdef at step 10", (await ExpectAsync<StorageTrouble>()).Message, StringComparison.Ordinal);

        File.Delete(_temporary["snapshots"]);
        folder.Create();

        SnapshotStore.Written written = await ExpectAsync<SnapshotStore.Written>();
        folder.Publish(written.Staged, written.Reference.File);
        using (folder.Read(written.Reference.File, written.Reference.Sha256))
        {
        }

        await ExpectAsync<StorageTrouble>();
        await StopAsync(store);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_that_training_is_to_go_on_then_its_trainer_is_told_and_storage_has_not_failed()
    {
        File.WriteAllText(_temporary["snapshots"], "a file where the folder should be");
        Sys.EventStream.Subscribe(TestActor, typeof(StorageFailed));
        IActorRef store = Sys.ActorOf(SnapshotStore.Props(new SnapshotFolder(_temporary["snapshots"]), TimeSpan.Zero));

        store.Tell(new SnapshotStore.Write("abcdef", 1, 1, 10, Anchor: true, Snapshot(), WhenUnwritable.Continue), TestActor);

        Assert.Equal(10, (await ExpectAsync<SnapshotStore.NotWritten>()).Step);
        await StopAsync(store);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    private SnapshotBuffer Snapshot() => SmallExperiment.Snapshot(SmallExperiment.Run(), _memory);
}
