using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace CurvatureActors.Actors.Wire;

/// <summary>
/// Of Akka's system messages those by which an actor hears of the end of another in another process. The rest are between
/// parent and child, which are never in two processes here, and carry exceptions that are made from names of types.
/// </summary>
internal sealed class DeathWatchSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Dictionary<string, Type> ByManifest = new()
    {
        ["watch"] = typeof(Watch),
        ["unwatch"] = typeof(Unwatch),
        ["ended"] = typeof(DeathWatchNotification),
    };

    private readonly SystemMessageSerializer _inner = new(system);

    /// <inheritdoc/>
    public override int Identifier => 22;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        Watch => "watch",
        Unwatch => "unwatch",
        DeathWatchNotification => "ended",
        _ => throw new SerializationException($"{o.GetType()} does not pass between processes."),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        _ = Manifest(obj);
        return _inner.ToBinary(obj);
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => ByManifest.TryGetValue(manifest, out Type? type)
        ? _inner.FromBinary(bytes, type)
        : throw new SerializationException($"A system message \"{manifest}\" does not pass between processes.");
}
