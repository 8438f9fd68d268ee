using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace CurvatureActors.Actors.Wire;

/// <summary>
/// Stands under the name and number of a serializer of Akka's that this program has no use for and that makes types which
/// the data name: nothing is written by it, and what claims to be is refused before it is looked at.
/// </summary>
internal abstract class RefusedSerializer(ExtendedActorSystem system, int identifier) : SerializerWithStringManifest(system)
{
    /// <inheritdoc/>
    public override int Identifier { get; } = identifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => throw Refuse(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw Refuse(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => throw new SerializationException(
        $"Data of serializer {Identifier} (\"{manifest}\") are refused: this program neither writes nor reads them.");

    private static SerializationException Refuse(object o) => new($"{o.GetType()} is neither stored nor sent by this program.");

    /// <summary>Akka's default one, for any object.</summary>
    public sealed class Json : RefusedSerializer
    {
        /// <summary>Akka gives the settings of the serializer whose name this one has; it needs none.</summary>
        public Json(ExtendedActorSystem system, Config settings)
            : base(system, 1) => _ = settings;
    }

    /// <summary>Any message of Protocol Buffers.</summary>
    public sealed class Proto(ExtendedActorSystem system) : RefusedSerializer(system, 2);

    /// <summary>Orders to start an actor of a named type.</summary>
    public sealed class DaemonCreate(ExtendedActorSystem system) : RefusedSerializer(system, 3);

    /// <summary>Persistent messages with other payloads in them.</summary>
    public sealed class PersistenceMessage(ExtendedActorSystem system) : RefusedSerializer(system, 7);

    /// <summary>Snapshots of actors, of which there are none.</summary>
    public sealed class PersistenceSnapshot(ExtendedActorSystem system) : RefusedSerializer(system, 8);

    /// <summary>Reliable delivery, which wraps other payloads.</summary>
    public sealed class ReliableDelivery(ExtendedActorSystem system) : RefusedSerializer(system, 36);
}
