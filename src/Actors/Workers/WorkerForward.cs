using Akka.Actor;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Actors.Workers;

/// <summary>Passes on to the coordinator that storage failed on this node.</summary>
internal sealed class WorkerForward : ReceiveActor
{
    public WorkerForward(ICanTell coordinator)
    {
        Receive<StorageFailed>(failed => coordinator.Tell(failed, Self));
        Context.System.EventStream.Subscribe(Self, typeof(StorageFailed));
    }

    public static Props Props(ICanTell coordinator) => Akka.Actor.Props.Create(() => new WorkerForward(coordinator));
}
