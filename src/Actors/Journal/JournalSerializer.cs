using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;

namespace CurvatureActors.Actors.Journal;

/// <summary>Writes journal events as JSON under our own manifests, so that no type name is ever in the data.</summary>
public sealed class JournalSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands in every row of the journal and never changes.</summary>
    public const int SerializerIdentifier = 1_347_110;

    /// <inheritdoc/>
    public override int Identifier => SerializerIdentifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => JournalManifests.Of(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => JournalManifests.Encode(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return JournalManifests.Decode(bytes, manifest);
        }
        catch (Exception error) when (error is ArgumentException or JsonException)
        {
            throw new SerializationException(error.Message, error);
        }
    }
}
