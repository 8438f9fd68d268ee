using Akka.Actor;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Actors.Workers;

/// <summary>Passes on to the coordinator that storage is in trouble or has failed on this node.</summary>
internal sealed class WorkerForward : ReceiveActor
{
    public WorkerForward(ICanTell coordinator)
    {
        Receive<StorageFailed>(failed => coordinator.Tell(failed, Self));
        Receive<StorageTrouble>(trouble => coordinator.Tell(trouble, Self));
        Context.System.EventStream.Subscribe(Self, typeof(StorageFailed));
        Context.System.EventStream.Subscribe(Self, typeof(StorageTrouble));
    }

    public static Props Props(ICanTell coordinator) => Akka.Actor.Props.Create(() => new WorkerForward(coordinator));
}
