using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// <c>fixup</c> (Zhang et al. 2019) for residual networks without normalisation: the last convolution of each branch and
/// the classifier are zero, the other convolutions of a branch normal with standard deviation
/// scale * sqrt(2 / fan-out) * L^(-1/(2m-2)), L blocks of m convolutions a branch; what is outside the branches (stem,
/// shortcuts) as by <see cref="HeNormal"/>.
/// </summary>
/// <remarks>
/// The model is built for it: no biases of channels but a scalar bias before each convolution, linear layer and
/// activation and a scalar multiplier at the end of each branch (<see cref="ScalarBias"/>,
/// <see cref="ScalarMultiplier"/>), which train at a tenth of the rate (<see cref="ParameterRole.Scalar"/>).
/// </remarks>
public static class Fixup
{
    /// <summary>Its name.</summary>
    public const string Name = "fixup";

    private const string Branch = ".convolutions.";

    /// <inheritdoc cref="Initialisation"/>
    /// <exception cref="ArgumentException">The network has no residual branches.</exception>
    public static void Initialise(Network network, Func<NamedTensor, double> scale, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        ILookup<string, string> blocks = network.Parameters
            .Where(WeightDraws.IsDrawn)
            .Where(weight => weight.Name.Contains(Branch, StringComparison.Ordinal))
            .ToLookup(weight => weight.Name[..weight.Name.IndexOf(Branch, StringComparison.Ordinal)], weight => weight.Name);
        if (blocks.Count == 0)
        {
            throw new ArgumentException("curvature.init.kind is \"fixup\"; this network has no residual branches.");
        }

        HashSet<string> zero = [.. blocks.Select(block => block.Last()), "classifier.weight"];
        Dictionary<string, double> factors = blocks
            .SelectMany(block => block.Select(name => (name, Factor(blocks.Count, block.Count()))))
            .ToDictionary();
        WeightDraws.Each(network, (weight, drawn) =>
        {
            if (zero.Contains(weight.Name))
            {
                drawn.zero_();
            }
            else
            {
                double deviation = factors.TryGetValue(weight.Name, out double factor)
                    ? factor * Math.Sqrt(2.0 / Fans.Of(weight.Value.shape).Out)
                    : HeNormal.StandardDeviation(weight);
                drawn.normal_(0, scale(weight) * deviation, generator);
            }
        });
    }

    internal static void Check(ModelSpecification model)
    {
        if (model.Kind != "wide-resnet")
        {
            throw new ArgumentException(
                $"curvature.init.kind is \"fixup\", which is for residual networks; curvature.model.kind is \"{model.Kind}\", "
                + "allowed is wide-resnet.");
        }

        if (model.Normalization != "none" || model.WideResNet is { ExtraNormalization: not "none" })
        {
            string key = model.Normalization != "none" ? "normalization" : "wide-resnet.extra-norm";
            string value = model.Normalization != "none" ? model.Normalization : model.WideResNet!.ExtraNormalization;
            throw new ArgumentException(
                $"curvature.model.{key} is \"{value}\"; with curvature.init.kind = fixup, which replaces normalisation, it "
                + "must be none.");
        }
    }

    // A branch of one convolution is zero: nothing is left to scale.
    private static double Factor(int blocks, int convolutions) =>
        convolutions < 2 ? 1 : Math.Pow(blocks, -1.0 / ((2 * convolutions) - 2));
}
