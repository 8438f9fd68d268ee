using System.Text;
using System.Text.Json.Nodes;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Tests.Runs;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Actors.Tests.Journal;

public class JournalPayloadTests
{
    /// <summary>The payloads by their place: a manifest has more than one where fields were added.</summary>
    public static TheoryData<string, int> Manifests => [.. GoldenPayloads.All.Select((golden, index) => (golden.Manifest, index))];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_golden_payload_is_read_as_its_event(string manifest, int index)
    {
        (_, string json, IJournalEvent expected) = GoldenPayloads.All[index];

        IJournalEvent read = JournalManifests.Decode(Encoding.UTF8.GetBytes(json), manifest);

        Assert.IsType(expected.GetType(), read);
        Assert.Equivalent(expected, read, strict: true);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void An_event_is_written_as_its_golden_payload(string manifest, int index)
    {
        (_, string json, IJournalEvent written) = GoldenPayloads.All[index];

        string text = Encoding.UTF8.GetString(JournalManifests.Encode(written));

        Assert.Equal(manifest, JournalManifests.Of(written));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(text)), text);
    }

    [Fact]
    public void Fields_that_came_later_are_read_and_written_as_their_golden_payloads()
    {
        foreach ((string manifest, string json, IJournalEvent expected) in GoldenPayloads.Later)
        {
            Assert.Equal(expected, JournalManifests.Decode(Encoding.UTF8.GetBytes(json), manifest));
            string text = Encoding.UTF8.GetString(JournalManifests.Encode(expected));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(text)), text);
        }
    }

    [Fact]
    public void Every_event_of_the_assembly_has_a_manifest_and_a_golden_payload()
    {
        HashSet<Type> events =
        [
            .. typeof(IJournalEvent).Assembly.GetTypes()
                .Where(type => type.IsAssignableTo(typeof(IJournalEvent)) && type is { IsAbstract: false }),
        ];

        Assert.NotEmpty(events);
        Assert.Equal(events, GoldenPayloads.All.Select(golden => golden.Event.GetType()).ToHashSet());
        Assert.Equal(
            JournalManifests.All.ToHashSet(), GoldenPayloads.All.Select(golden => golden.Manifest).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void No_name_of_a_type_is_in_the_bytes(string manifest, int index)
    {
        IJournalEvent written = GoldenPayloads.All[index].Event;
        Assert.Equal(manifest, GoldenPayloads.All[index].Manifest);

        string text = Encoding.UTF8.GetString(JournalManifests.Encode(written));

        Assert.DoesNotContain("CurvatureActors", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("$type", text, StringComparison.Ordinal);
        Assert.DoesNotContain(written.GetType().Name, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.PositiveInfinity, "\"Infinity\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(double.Epsilon, "5E-324")]
    [InlineData(0.1, "0.1")]
    public void Numbers_of_a_diverging_run_come_back_as_they_were(double number, string inJson)
    {
        IJournalEvent[] events =
        [
            new RunCompleted(1, new Evaluation(1, number, number), "", Samples.At),
            new DivergenceDetected(1, new DivergenceVerdict(1, "non-finite", "", number), Samples.At),
            new CurvatureMeasured(1, "end", Samples.Measurement(1, number) with { Residual = number }, Samples.At),
            new AttemptStarted(1, 0, Samples.FirstPlan with { PeakLearningRate = number }, Samples.At),
        ];

        foreach (IJournalEvent written in events)
        {
            byte[] bytes = JournalManifests.Encode(written);

            Assert.Contains($":{inJson}", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
            Assert.Equal(written, JournalManifests.Decode(bytes, JournalManifests.Of(written)));
        }
    }

    [Fact]
    public void Schedules_and_kinds_of_measurement_come_back_as_they_were()
    {
        ProbeOptions probe = Samples.Experiment().Probe with
        {
            Spacing = Spacing.Logarithmic,
            PerDecade = 7,
            Kinds =
            [
                new ProbeKind(
                    new KindRequest("density", [new("probes", 3), new("steps", 20)]),
                    new MeasurementSchedule(5, Spacing.Logarithmic, 9, 4)),
            ],
        };
        var written = new ExperimentAccepted(Samples.Experiment() with { Probe = probe }, Samples.At);
        byte[] bytes = JournalManifests.Encode(written);

        Assert.Equal(probe, ((ExperimentAccepted)JournalManifests.Decode(bytes, JournalManifests.Of(written))).Experiment.Probe);
    }

    [Fact]
    public void A_conclusion_comes_back_with_its_digests()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            """
            {"run":"0123456789ab","state":"completed","at":"2026-01-02T03:04:05+00:00","seal":{"journal":{"rows":9,"sha256":"ab"},"telemetry":{"steps":{"rows":80,"sha256":"cd"},"densities":{"rows":0,"sha256":"ef"}}}}
            """.Trim());

        var read = (RunConcluded)JournalManifests.Decode(bytes, "run-concluded/1");

        Assert.Equal(new RowDigest(9, "ab"), read.Seal!.Journal);
        Assert.Equal(new RowDigest(80, "cd"), read.Seal.Telemetry["steps"]);
        Assert.Null(read.Seal.Missing);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(bytes), JsonNode.Parse(JournalManifests.Encode(read))));
    }

    [Fact]
    public void A_conclusion_comes_back_with_what_was_missing()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            """
            {"run":"0123456789ab","state":"completed","at":"2026-01-02T03:04:05+00:00","seal":{"journal":{"rows":9,"sha256":"ab"},"telemetry":{},"missing":[{"table":"steps","attempt":1,"first":20,"last":39,"rows":20}]}}
            """.Trim());

        var read = (RunConcluded)JournalManifests.Decode(bytes, "run-concluded/1");

        Assert.Equal(new MissingRows("steps", 1, 20, 39, 20), Assert.Single(read.Seal!.Missing!));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(bytes), JsonNode.Parse(JournalManifests.Encode(read))));
    }

    [Fact]
    public void What_is_no_event_is_not_written() =>
        Assert.Throws<ArgumentException>(() => JournalManifests.Encode("text"));
}
