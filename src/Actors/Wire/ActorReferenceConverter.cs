using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace CurvatureActors.Actors.Wire;

/// <summary>An actor reference as its address, so that it still means the same actor at the other end.</summary>
internal sealed class ActorReferenceConverter(ExtendedActorSystem system) : JsonConverter<IActorRef>
{
    /// <inheritdoc/>
    public override IActorRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        system.Provider.ResolveActorRef(reader.GetString() ?? throw new JsonException("An actor reference is missing."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IActorRef value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Serialization.SerializedActorPath(value));
}
