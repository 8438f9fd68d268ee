using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// Gives the network of a run its first weights, see <see cref="InitialisationPhases"/> for the phases that rescale them.
/// </summary>
public static class Initialiser
{
    /// <summary>Throws when the initialisation of a model is unknown or does not go with it.</summary>
    /// <exception cref="ArgumentException">It does not; the message names key and value.</exception>
    public static void Check(ModelSpecification model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Initialisation is not { } initialisation)
        {
            return;
        }

        _ = Initialisations.All[initialisation.Kind];
        if (initialisation.Kind == Fixup.Name)
        {
            Fixup.Check(model);
        }

        if (initialisation.MetaInit is not null && ModelRegistry.Models[model.Kind].Takes == ExampleKind.Vectors)
        {
            throw new ArgumentException(
                $"curvature.init.phase is \"metainit\", which scales weight matrices; the model {model.Kind} has none.");
        }
    }

    /// <summary>The registered initialisation, without any phase.</summary>
    /// <param name="network">Built from the specification; nobody else may use it meanwhile.</param>
    /// <param name="model">What is said of it.</param>
    /// <param name="generator">CPU generator, the only source of randomness.</param>
    /// <exception cref="ArgumentException">The specification names something unknown or that does not go together.</exception>
    public static void Draw(Network network, ModelSpecification model, Generator generator) =>
        Initialisations.All[model.Initialisation?.Kind ?? Initialisations.Default](
            network, InitialScale.Of(model), generator);
}
