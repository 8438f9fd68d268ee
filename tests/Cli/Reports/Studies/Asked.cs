using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Specifications of the made-up runs of studies: 60 steps of a cnn unless said otherwise.</summary>
internal static class Asked
{
    public static RunSpecification Run(
        double rate = 0.1, int warmup = 0, string model = "cnn", string normalization = "none", double initScale = 1,
        double? clip = null, string optimizer = "heavy-ball", int seed = 1, int batch = 64, int steps = 60, bool recovery = true)
    {
        RunSpecification plain = StateFixture.Specification(rate, warmup, steps, optimizer, seed);
        return plain with
        {
            Model = plain.Model with { Kind = model, Normalization = normalization, InitScale = initScale },
            Training = plain.Training with { ClipNorm = clip, BatchSize = batch },
            Recovery = plain.Recovery with { Enabled = recovery },
        };
    }

    /// <summary>A wide residual net.</summary>
    public static RunSpecification Net(int lastStride = 2, string extra = "none", int warmup = 0, double? clip = null)
    {
        RunSpecification plain = Run(warmup: warmup, clip: clip, model: "wide-resnet");
        var net = new WideResNetSpecification
        {
            Depth = 10,
            WidthFactor = 1,
            BaseChannels = 8,
            Strides = [1, 2, lastStride],
            ResidualScale = 1,
            ExtraNormalization = extra,
        };
        return plain with { Model = plain.Model with { WideResNet = net } };
    }

    /// <summary>A curvature that is measured every ten steps and always the same.</summary>
    public static Func<int, double?> Constant(double lambda1) => step => step % 10 == 0 ? lambda1 : null;

    /// <summary>One that is measured every ten steps, first high, then low.</summary>
    public static Func<int, double?> Falling(double first, double later) => step => step % 10 > 0 ? null : step < 10 ? first : later;
}
