using Akka.Actor;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Tells of trouble with storage, and ends the wait for the experiment when storage fails for good.</summary>
internal sealed class StorageGuard : ReceiveActor
{
    public StorageGuard(TaskCompletionSource<SweepProtocol.Ended> failure, IActorRef monitor)
    {
        Receive<StorageFailed>(failed => failure.TrySetException(new StateDirectoryException(
            $"{failed.Message.TrimEnd('.')}. Nothing that was committed is lost: the same command goes on from there.")));
        Receive<StorageTrouble>(trouble =>
            monitor.Tell(new WorkerNotice("storage", trouble.Message, TimeProvider.System.GetUtcNow())));
        Context.System.EventStream.Subscribe(Self, typeof(StorageFailed));
        Context.System.EventStream.Subscribe(Self, typeof(StorageTrouble));
    }

    public static Props Props(TaskCompletionSource<SweepProtocol.Ended> failure, IActorRef monitor) =>
        Akka.Actor.Props.Create(() => new StorageGuard(failure, monitor));
}
