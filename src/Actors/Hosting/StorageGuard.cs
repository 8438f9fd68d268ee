using Akka.Actor;
using Akka.Event;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Tells of trouble with storage, and ends the wait for the experiment when storage fails for good.</summary>
internal sealed class StorageGuard : ReceiveActor
{
    /// <summary>Where the journal's own errors come from, which it only logs: it would try for ever to be opened.</summary>
    private const string JournalLibrary = "Akka.Persistence.Sql";

    public StorageGuard(TaskCompletionSource<SweepProtocol.Ended> failure, IActorRef monitor, string journal)
    {
        Receive<StorageFailed>(failed => Fail(failed.Message));
        Receive<Error>(
            error => error.LogClass?.Namespace?.StartsWith(JournalLibrary, StringComparison.Ordinal) == true
                && SqliteTrouble.Inner(error.Cause) is not null,
            error => Fail($"The journal {journal} cannot be used: {SqliteTrouble.Reason(journal, error.Cause)}"));
        Receive<Error>(_ => { });
        Receive<StorageTrouble>(trouble =>
            monitor.Tell(new WorkerNotice("storage", trouble.Message, TimeProvider.System.GetUtcNow())));
        Context.System.EventStream.Subscribe(Self, typeof(Error));
        Context.System.EventStream.Subscribe(Self, typeof(StorageFailed));
        Context.System.EventStream.Subscribe(Self, typeof(StorageTrouble));

        void Fail(string what) => failure.TrySetException(new StateDirectoryException(
            $"{what.TrimEnd('.')}. Nothing that was committed is lost: the same command goes on from there."));
    }

    public static Props Props(TaskCompletionSource<SweepProtocol.Ended> failure, IActorRef monitor, string journal) =>
        Akka.Actor.Props.Create(() => new StorageGuard(failure, monitor, journal));
}
