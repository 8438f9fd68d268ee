using Akka.Actor;
using Akka.Persistence;
using CurvatureActors.Actors.Journal;

namespace CurvatureActors.Actors.Tests.Journal;

/// <summary>Writes into and reads from the journal of an actor system, as persistent actors of other lives do.</summary>
internal static class EventLog
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Writes events and stops again, so that whoever comes next is the only one with this id.</summary>
    internal static async Task WriteAsync(ActorSystem system, string persistenceId, params IJournalEvent[] events)
    {
        IActorRef writer = system.ActorOf(Props.Create(() => new Writer(persistenceId)));
        await writer.Ask<Written>(events, Patience);
        await writer.GracefulStop(Patience);
    }

    /// <summary>All events of an id.</summary>
    internal static async Task<IReadOnlyList<IJournalEvent>> ReadAsync(ActorSystem system, string persistenceId)
    {
        IActorRef reader = system.ActorOf(Props.Create(() => new Reader(persistenceId)));
        IJournalEvent[] events = await reader.Ask<IJournalEvent[]>(new Question(), Patience);
        await reader.GracefulStop(Patience);
        return events;
    }

    private sealed record Written;

    private sealed record Question;

    private sealed class Writer : ReceivePersistentActor
    {
        public Writer(string persistenceId)
        {
            PersistenceId = persistenceId;
            Command<IJournalEvent[]>(events =>
            {
                IActorRef asker = Sender;
                int left = events.Length;
                PersistAll(events, _ =>
                {
                    if (--left == 0)
                    {
                        asker.Tell(new Written());
                    }
                });
            });
        }

        public override string PersistenceId { get; }
    }

    private sealed class Reader : ReceivePersistentActor
    {
        private readonly List<IJournalEvent> _events = [];

        public Reader(string persistenceId)
        {
            PersistenceId = persistenceId;
            Recover<IJournalEvent>(_events.Add);
            Command<Question>(_ => Sender.Tell(_events.ToArray()));
        }

        public override string PersistenceId { get; }
    }
}
