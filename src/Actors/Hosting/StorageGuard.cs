using Akka.Actor;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Ends the wait for the experiment when storage fails.</summary>
internal sealed class StorageGuard : ReceiveActor
{
    public StorageGuard(TaskCompletionSource<SweepProtocol.Ended> failure)
    {
        Receive<StorageFailed>(failed => failure.TrySetException(new StateDirectoryException(
            $"{failed.Message.TrimEnd('.')}. Nothing that was committed is lost: the same command goes on from there.")));
        Context.System.EventStream.Subscribe(Self, typeof(StorageFailed));
    }

    public static Props Props(TaskCompletionSource<SweepProtocol.Ended> failure) =>
        Akka.Actor.Props.Create(() => new StorageGuard(failure));
}
