using CurvatureActors.Actors.Workers;

namespace CurvatureActors.Actors.Tests.Workers;

public sealed class WorkerOptionsTests
{
    [Theory]
    [InlineData(1, "cpu:0 cpu:1 cpu:2")]
    [InlineData(2, "cpu:0 cpu:2|cpu:1")]
    [InlineData(3, "cpu:0|cpu:1|cpu:2")]
    public void Devices_are_dealt_out_in_turn(int count, string expected)
    {
        var options = new WorkerOptions(count, new WorkerProgram("curvature", []));

        IReadOnlyList<IReadOnlyList<string>> shares = options.Share(["cpu:0", "cpu:1", "cpu:2"]);

        Assert.Equal(expected, string.Join('|', shares.Select(share => string.Join(' ', share))));
    }

    [Fact]
    public void An_invitation_is_one_line_and_read_as_it_was_written()
    {
        var invitation = new WorkerInvitation
        {
            Name = "worker-1",
            Coordinator = "akka.ssl.tcp://curvature@127.0.0.1:4053",
            Certificate = RunCertificate.Create(),
            Devices = ["cpu:0", "cuda:1"],
            Threads = 2,
            TuneAllocator = true,
            ProbeWorkers = 1,
            MeasurementHangAfter = TimeSpan.FromSeconds(90),
            GraphMemory = 3_000_000_000,
            StateDirectory = "/somewhere/with \"quotes\" and\nlines",
            StoragePatience = TimeSpan.FromSeconds(9),
            AkkaOverrides = "akka {\n  loglevel = INFO\n}",
        };

        string line = invitation.ToLine();

        Assert.DoesNotContain('\n', line);
        Assert.Equivalent(invitation, WorkerInvitation.FromLine(line), strict: true);
    }

    [Fact]
    public void Two_programs_never_share_a_certificate() =>
        Assert.NotEqual(RunCertificate.Create(), RunCertificate.Create());
}
