using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using Config = Akka.Configuration.Config;

namespace CurvatureActors.Actors.Tests.Configuration;

public class AkkaSettingsTests
{
    [Fact]
    public void What_may_be_set_is_read_by_akka_as_it_was_meant()
    {
        Config akka = AkkaReference.Overridden(Load(
            """
            loglevel = debug, log-dead-letters = 1e1, actor { debug { lifecycle = yes } }
            cluster { failure-detector { acceptable-heartbeat-pause = 1.5 minutes, threshold = 9.5 }, gossip-interval = "0.5 s" }
            remote.dot-netty.tcp.maximum-frame-size = 2MiB
            """), AkkaReference.Config);
        Assert.Equal("DEBUG", akka.GetString("akka.loglevel"));
        Assert.Equal(10, akka.GetInt("akka.log-dead-letters"));
        Assert.True(akka.GetBoolean("akka.actor.debug.lifecycle"));
        Assert.Equal(TimeSpan.FromSeconds(90), akka.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause"));
        Assert.Equal(9.5, akka.GetDouble("akka.cluster.failure-detector.threshold"));
        Assert.Equal(TimeSpan.FromMilliseconds(500), akka.GetTimeSpan("akka.cluster.gossip-interval"));
        Assert.Equal(2 * 1024 * 1024, akka.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size"));
        Assert.Equal("akka.persistence.journal.sql", akka.GetString("akka.persistence.journal.plugin"));
    }

    [Fact]
    public void What_may_not_be_set_is_refused_on_the_command_line_as_in_the_file() => Assert.StartsWith(
        "akka.logleve cannot be set; did you mean akka.loglevel? Allowed are ",
        Assert.Throws<ConfigurationException>(() => ExperimentLoader.LoadText("", "x", ["akka.logleve=DEBUG"])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("persistence.journal.plugin = x", "akka.persistence.journal.plugin cannot be set; the journal is that of the state directory, which --state or curvature.state.directory moves.")]
    [InlineData("\"persistence.journal\" { sql.class = x }", "akka.persistence.journal.sql.class cannot be set; the journal is that of the state directory, which --state or curvature.state.directory moves.")]
    [InlineData("loglevel = LOUD", "akka.loglevel is \"LOUD\"; one of OFF, ERROR, WARNING, INFO, DEBUG is expected.")]
    [InlineData("loglevel { x = 1 }", "akka.loglevel.x cannot be set; did you mean akka.loglevel?")]
    [InlineData("log-dead-letters = -1", "akka.log-dead-letters is -1; on, off or a whole number of letters to log is expected.")]
    [InlineData("cluster.failure-detector.threshold = 0", "akka.cluster.failure-detector.threshold is 0; a number from 1 to 100 is expected.")]
    [InlineData("cluster.failure-detector.heartbeat-interval = soon", "akka.cluster.failure-detector.heartbeat-interval is \"soon\"; a time from 50ms to 1h, such as 500ms or 10s, is expected.")]
    [InlineData("cluster.split-brain-resolver.stable-after = -4s", "akka.cluster.split-brain-resolver.stable-after is \"-4s\"; a time from 1000ms to 1h, such as 500ms or 10s, is expected.")]
    [InlineData("remote.dot-netty.tcp.maximum-frame-size = 1", "akka.remote.dot-netty.tcp.maximum-frame-size is 1; a size from 1MB to 1GB is expected.")]
    [InlineData("actor.provider = none", "akka.actor.provider cannot be set; did you mean akka.actor.debug.receive?")]
    [InlineData("actor.default-dispatcher.throughput = many", "akka.actor.default-dispatcher.throughput cannot be set;")]
    [InlineData("extensions = [x]", "akka.extensions cannot be set;")]
    public void Anything_else_is_refused(string section, string message) => Assert.StartsWith(
        message, Assert.Throws<ConfigurationException>(() => Load(section)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_page_of_settings_names_each_key() => Assert.All(AkkaSettings.Keys, key => Assert.True(
        ReferenceConfiguration.Text.Contains($"{key}", StringComparison.Ordinal)
        || ReferenceConfiguration.Text.Contains($".{NearestName.LastSegment(key)}", StringComparison.Ordinal), key));

    // What earlier versions wrote into their journals was not checked.
    [Theory]
    [InlineData("akka { \"loglevel\" = INFO, \"actor\" = { \"x\" = [1], \"provider\" = \"cluster\" } }", "akka { loglevel = INFO }")]
    [InlineData("akka { \"persistence\" = { \"journal\" = { \"plugin\" = \"x\" } }, \"loglevel\" = \"LOUD\" }", "")]
    [InlineData("akka { broken", "")]
    [InlineData("", "")]
    public void Of_an_older_journals_section_what_may_be_set_is_kept(string stored, string kept) =>
        Assert.Equal(kept, AkkaSettings.Allowed(stored));

    private static string Load(string section) =>
        ExperimentLoader.LoadText($"akka {{ {section} }}", "x", []).AkkaOverrides;
}
