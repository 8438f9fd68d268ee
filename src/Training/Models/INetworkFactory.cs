using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// A model of your own: <c>model.kind = external</c> with <c>model.assembly</c> and <c>model.type</c> loads a class that
/// implements this and has a constructor without parameters.
/// </summary>
public interface INetworkFactory
{
    /// <summary>
    /// The network of a specification. The same arguments must give the same layers in the same order, since snapshots
    /// are read by name. It is called from several threads.
    /// </summary>
    /// <param name="model">The section <c>model</c>; a factory may use any of its general fields, or none.</param>
    /// <param name="options">Shape of the examples, classes, device, type, and the generator for <see cref="Dropout"/>.</param>
    Network Create(ModelSpecification model, NetworkOptions options);
}
