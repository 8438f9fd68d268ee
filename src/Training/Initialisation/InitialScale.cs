using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Initialisation;

/// <summary>The factor on the standard deviation of each weight: the overall one times that of the kind of layer.</summary>
internal static class InitialScale
{
    public static Func<NamedTensor, double> Of(ModelSpecification model) =>
        model.Initialisation?.Scales is { } scales ? weight => model.InitScale * OfKind(weight, scales) : _ => model.InitScale;

    private static double OfKind(NamedTensor weight, InitialScalesSpecification scales) =>
        weight.Name.StartsWith("classifier.", StringComparison.Ordinal) ? scales.Classifier
        : weight.Role == ParameterRole.Embedding ? scales.Embedding
        : weight.Value.dim() == 4 ? scales.Convolution
        : weight.Value.dim() == 2 ? scales.Linear
        : 1;
}
