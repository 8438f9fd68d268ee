namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>A clock that a test sets.</summary>
internal sealed class ManualTime : TimeProvider
{
    internal DateTimeOffset Now { get; set; } = Samples.At;

    public override DateTimeOffset GetUtcNow() => Now;
}
