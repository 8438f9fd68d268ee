using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace CurvatureActors.Actors.Wire;

/// <summary>
/// Of Akka.Remote's small messages the few that a cluster without remote deployment and routers needs. Among the others
/// are failures, whose exceptions are made from the names of their types.
/// </summary>
internal sealed class RemoteMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Identify, its answer, an actor's reference, and the two heartbeats between systems.</summary>
    private static readonly HashSet<string> Allowed = ["ID", "AID", "AR", "RWHB", "RWHR"];

    private readonly MiscMessageSerializer _inner = new(system);

    /// <inheritdoc/>
    public override int Identifier => 16;

    /// <inheritdoc/>
    public override string Manifest(object o) => Require(_inner.Manifest(o));

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        Require(_inner.Manifest(obj));
        return _inner.ToBinary(obj);
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => _inner.FromBinary(bytes, Require(manifest));

    private static string Require(string manifest) => Allowed.Contains(manifest)
        ? manifest
        : throw new SerializationException($"A message \"{manifest}\" of Akka.Remote does not pass between processes.");
}
