using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace CurvatureActors.Actors.Tests.Journal;

/// <summary>The journal in memory, in which a test can hold a write back, or make it or a recovery fail.</summary>
internal sealed class HeldJournal : MemoryJournal
{
    private readonly JournalGate _gate = JournalGate.Of(Context.System);

    /// <summary>Puts this journal in the place of the one in config/akka.conf.</summary>
    internal static Config Configuration { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka.persistence.journal.plugin = "held-journal"
        held-journal {
          class = "{{typeof(HeldJournal).AssemblyQualifiedName}}"
          plugin-dispatcher = "akka.actor.default-dispatcher"
        }
        """);

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        AtomicWrite[] writes = [.. messages];
        await _gate.PassAsync(writes
            .SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload)
            .Select(row => row.Payload));
        return await base.WriteMessagesAsync(writes, cancellationToken);
    }

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max,
        Action<IPersistentRepresentation> recoveryCallback) => _gate.Unreadable
        ? Task.FromException(new IOException("the disk is gone"))
        : base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, recoveryCallback);
}

/// <summary>What a test tells the <see cref="HeldJournal"/> of its system.</summary>
internal sealed class JournalGate : IExtension
{
    private volatile Hold? _hold;
    private volatile Type? _failing;

    /// <summary>Whether recoveries fail.</summary>
    internal bool Unreadable { get; set; }

    internal static JournalGate Of(ActorSystem system) => new Provider().Apply(system);

    /// <summary>The next write with such an event waits.</summary>
    internal Hold HoldBack<T>() => _hold = new Hold(typeof(T));

    /// <summary>Writes with such an event fail.</summary>
    internal void Fail<T>() => _failing = typeof(T);

    internal async Task PassAsync(IEnumerable<object> events)
    {
        Type[] types = [.. events.Select(e => e.GetType())];
        if (_failing is { } failing && types.Contains(failing))
        {
            throw new IOException("the disk is full");
        }

        if (_hold is { } hold && types.Contains(hold.Type))
        {
            _hold = null;
            hold.Reach();
            await hold.Open;
        }
    }

    internal sealed class Hold(Type type)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Type Type { get; } = type;

        /// <summary>Done when the journal has been asked for the write, and has not made it.</summary>
        internal Task Reached => _reached.Task;

        internal Task Open => _open.Task;

        internal void Reach() => _reached.SetResult();

        internal void Release() => _open.SetResult();
    }

    private sealed class Provider : ExtensionIdProvider<JournalGate>
    {
        public override JournalGate CreateExtension(ExtendedActorSystem system) => new();
    }
}
