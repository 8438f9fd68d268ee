namespace CurvatureActors.Training.Recovery;

/// <summary>The remedies that a specification may name.</summary>
public static class Remedies
{
    /// <summary>Every remedy by name.</summary>
    public static Registry<IRemedy> All { get; } = new(
        "remedy",
        ("warmup", new WarmupRemedy()),
        ("clip", new ClipRemedy()),
        ("lower-rate", new LowerRateRemedy()));
}
