using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// The section <c>init</c>. Its defaults and the constants of a phase that is not chosen leave no trace in the
/// specification, so that a key without effect has none on the identity either.
/// </summary>
internal static class InitialisationReader
{
    /// <summary>Reads and checks each field for itself; null when all is as by default.</summary>
    public static InitialisationSpecification? Read(SettingsReader from)
    {
        string phase = from.OneOf("init.phase", AllowedNames.InitialisationPhases);
        InitialScalesSpecification scales = new()
        {
            Convolution = from.Single("init.scales.convolution", Interval.Positive),
            Linear = from.Single("init.scales.linear", Interval.Positive),
            Embedding = from.Single("init.scales.embedding", Interval.Positive),
            Classifier = from.Single("init.scales.classifier", Interval.Positive),
        };
        MetaInitSpecification metaInit = MetaInit(from);
        GradInitSpecification gradInit = GradInit(from);
        InitialisationSpecification read = new()
        {
            Kind = from.OneOf("init.kind", AllowedNames.Initialisations),
            Scales = scales is { Convolution: 1, Linear: 1, Embedding: 1, Classifier: 1 } ? null : scales,
            MetaInit = phase == "metainit" ? metaInit : null,
            GradInit = phase == "gradinit" ? gradInit : null,
        };
        return read is { Kind: Initialisations.Default, Scales: null, MetaInit: null, GradInit: null } ? null : read;
    }

    private static MetaInitSpecification MetaInit(SettingsReader from) => new()
    {
        Steps = from.Whole("init.metainit.steps", minimum: 1, of: "steps"),
        Rate = from.Single("init.metainit.rate", Interval.Positive),
        Momentum = from.Single("init.metainit.momentum", Interval.ZeroToBelowOne),
        BatchSize = from.Whole("init.metainit.batch-size", minimum: 1),
        Epsilon = from.Single("init.metainit.epsilon", Interval.Positive),
    };

    private static GradInitSpecification GradInit(SettingsReader from) => new()
    {
        Steps = from.Whole("init.gradinit.steps", minimum: 1),
        Rate = from.Single("init.gradinit.rate", Interval.Positive),
        StepSize = from.Single("init.gradinit.step-size", Interval.Positive),
        MaximumGradientNorm = from.Single("init.gradinit.max-gradient-norm", Interval.Positive),
        BatchSize = from.Whole("init.gradinit.batch-size", minimum: 2),
        MinimumScale = from.Single("init.gradinit.min-scale", Interval.AboveZeroToOne),
        ClipNorm = from.Single("init.gradinit.clip-norm", Interval.Positive),
    };
}
