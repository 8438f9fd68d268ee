using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Serialization;
using Akka.Serialization;
using Akka.TestKit.Xunit;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Workers;

namespace CurvatureActors.Actors.Tests.Wire;

/// <summary>No data, stored or sent, make a type that they name.</summary>
public sealed class ForeignTypesTests() : TestKit(ConfigurationFactory.ParseString(
    """
    akka.actor.provider = remote
    akka.remote.dot-netty.tcp.enable-ssl = off
    """).WithFallback(WorkerCluster.Configuration(WorkerCluster.Worker)).WithFallback(AkkaReference.Config))
{
    private Serialization Serialization => ((ExtendedActorSystem)Sys).Serialization;

    [Fact]
    public void Given_the_akka_default_serializers_data_then_the_named_type_is_not_made()
    {
        byte[] bytes = Encoding.UTF8.GetBytes($$"""{ "$type": "{{typeof(Trap).AssemblyQualifiedName}}" }""");

        // The bait works: Akka's own serializer makes it.
        _ = new NewtonSoftJsonSerializer((ExtendedActorSystem)Sys).FromBinary(bytes, typeof(object));
        Assert.Equal(1, Trap.Made);

        foreach (string manifest in (string[])["", typeof(Trap).AssemblyQualifiedName!, "run-claimed/1"])
        {
            Assert.ThrowsAny<SerializationException>(() => Serialization.Deserialize(bytes, 1, manifest));
        }

        Assert.Equal(1, Trap.Made);
    }

    [Fact]
    public void Given_any_object_of_no_protocol_of_ours_then_it_is_not_written() =>
        Assert.ThrowsAny<SerializationException>(() => Serialization.FindSerializerFor(new Trap2()).ToBinary(new Trap2()));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(36)]
    public void Given_a_serializer_of_akka_that_is_not_needed_then_it_is_refused(int identifier) =>
        Assert.ThrowsAny<SerializationException>(() => Serialization.Deserialize([1, 2, 3], identifier, typeof(Trap).AssemblyQualifiedName!));

    [Fact]
    public void Given_a_failure_with_an_exception_then_it_does_not_pass()
    {
        var failure = new Status.Failure(new InvalidOperationException("x"));
        var akka = new MiscMessageSerializer((ExtendedActorSystem)Sys);

        Assert.ThrowsAny<SerializationException>(() => Serialization.Deserialize(akka.ToBinary(failure), 16, akka.Manifest(failure)));
        Assert.ThrowsAny<SerializationException>(() => Serialization.FindSerializerFor(failure).ToBinary(failure));
    }

    [Fact]
    public void Given_what_a_cluster_needs_then_it_passes()
    {
        var watch = new Akka.Dispatch.SysMsg.DeathWatchNotification(TestActor, true, false);
        object[] needed = [new Identify(null), new ActorIdentity(null, TestActor), watch];
        foreach (object message in needed)
        {
            Serializer serializer = Serialization.FindSerializerFor(message);
            string manifest = ((SerializerWithStringManifest)serializer).Manifest(message);
            object read = Serialization.Deserialize(serializer.ToBinary(message), serializer.Identifier, manifest);
            Assert.IsType(message.GetType(), read);
        }
    }

    /// <summary>Leaves a trace when it is made.</summary>
    public sealed class Trap
    {
        public Trap() => Made++;

        internal static int Made { get; private set; }
    }

    private sealed record Trap2;
}
