using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Actors.Tests.Hosting;

/// <summary>A test of one actor of a node, with the program's own configuration.</summary>
public abstract class NodeTest : TestKit
{
    /// <summary>How long an answer may take on a busy machine; no test waits for it to pass.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    protected NodeTest(string overrides = "")
        : base(ConfigurationFactory.ParseString(overrides).WithFallback(AkkaReference.Config))
    {
    }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The next message to the test.</summary>
    protected async Task<T> ExpectAsync<T>() => await ExpectMsgAsync<T>(Patience, cancellationToken: Cancellation);

    /// <summary>The next message of a type to a probe, whatever comes before it.</summary>
    protected static async Task<T> FishAsync<T>(TestProbe probe, Predicate<T>? which = null) =>
        (T)await probe.FishForMessageAsync(
            message => message is T found && (which is null || which(found)), Patience, cancellationToken: Cancellation);

    protected static async Task StopAsync(IActorRef actor) => Assert.True(await actor.GracefulStop(Patience));
}
