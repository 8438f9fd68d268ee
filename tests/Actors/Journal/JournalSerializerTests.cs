using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Akka.TestKit.Xunit;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Tests.Runs;

namespace CurvatureActors.Actors.Tests.Journal;

/// <summary>The serializer as an actor system finds it through config/akka.conf.</summary>
public sealed class JournalSerializerTests() : TestKit(AkkaReference.Config)
{
    private Serialization Serialization => ((ExtendedActorSystem)Sys).Serialization;

    [Fact]
    public void Every_event_is_bound_to_the_serializer_of_the_journal()
    {
        foreach ((string manifest, _, IJournalEvent written) in GoldenPayloads.All)
        {
            Serializer serializer = Serialization.FindSerializerFor(written);

            // The number stands in every row ever written.
            Assert.Equal(1_347_110, serializer.Identifier);
            Assert.Equal(manifest, Assert.IsType<JournalSerializer>(serializer).Manifest(written));
        }
    }

    [Fact]
    public void Every_event_comes_back_through_the_actor_system()
    {
        foreach ((string manifest, _, IJournalEvent written) in GoldenPayloads.All)
        {
            byte[] bytes = Serialization.FindSerializerFor(written).ToBinary(written);
            object read = Serialization.Deserialize(bytes, 1_347_110, manifest);

            Assert.Equivalent(written, read, strict: true);
        }
    }

    [Theory]
    [InlineData("run-claimed/2")]
    [InlineData("")]
    [InlineData("CurvatureActors.Actors.Journal.RunClaimed, CurvatureActors.Actors")]
    public void An_unknown_manifest_is_refused_by_name(string manifest)
    {
        byte[] bytes = JournalManifests.Encode(new RunPaused(1, Samples.At));

        SerializationException error = Assert.Throws<SerializationException>(
            () => Serialization.Deserialize(bytes, 1_347_110, manifest));

        Assert.Contains($"\"{manifest}\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_a_newer_version_added_is_passed_over()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("""{ "step": 33, "weather": "fair", "at": "2026-01-02T03:04:05+00:00" }""");

        Assert.Equal(new RunPaused(33, Samples.At), Serialization.Deserialize(bytes, 1_347_110, "run-paused/1"));
    }
}
