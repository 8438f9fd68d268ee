using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// Gives a network its first weights: a function of network, scale and generator alone. Biases stay 0 and normalisations
/// the identity, as they are built.
/// </summary>
/// <param name="network">Built, with every parameter as its layer declares it.</param>
/// <param name="scale">Factor on the standard deviation of a weight.</param>
/// <param name="generator">CPU generator, the only source of randomness.</param>
public delegate void Initialisation(Network network, Func<NamedTensor, double> scale, Generator generator);

/// <summary>The initialisations by name.</summary>
public static class Initialisations
{
    /// <summary>What a model starts from when nothing else is said.</summary>
    public const string Default = "he";

    /// <summary><c>he</c>, <c>lecun</c>, <c>xavier</c>, <c>orthogonal</c>, <c>fixup</c>.</summary>
    public static Registry<Initialisation> All { get; } = new(
        "initialisation",
        (Default, HeNormal.Initialise),
        ("lecun", LecunNormal.Initialise),
        ("xavier", XavierNormal.Initialise),
        ("orthogonal", Orthogonal.Initialise),
        (Fixup.Name, Fixup.Initialise));
}
