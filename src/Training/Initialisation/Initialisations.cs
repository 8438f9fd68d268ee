using CurvatureActors.Training.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>Gives a network its first weights: a function of network, scale and generator alone.</summary>
/// <param name="network">Built, with every parameter as its layer declares it.</param>
/// <param name="scale">Factor on the standard deviation of every weight.</param>
/// <param name="generator">CPU generator, the only source of randomness.</param>
public delegate void Initialisation(Network network, double scale, Generator generator);

/// <summary>The initialisations by name.</summary>
public static class Initialisations
{
    /// <summary>What a model starts from when nothing else is said.</summary>
    public const string Default = "he-normal";

    /// <summary><c>he-normal</c>.</summary>
    public static Registry<Initialisation> All { get; } = new("initialisation", (Default, HeNormal.Initialise));
}
