using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Initialisation;

/// <summary>Gives the network of a run its first weights: the initialisation, then the phases that rescale them.</summary>
public static class Initialiser
{
    /// <summary>Registered initialisation and phases, in this order; a function of the specification and the data.</summary>
    /// <param name="network">Built from the specification; nobody else may use it meanwhile. Its <c>.grad</c> and buffers are left as found.</param>
    /// <param name="specification">The run.</param>
    /// <param name="data">Its examples, for the phases that look at them.</param>
    /// <param name="generator">CPU generator of the initial draw; the phases have generators of their own, from the run's seed.</param>
    /// <param name="progress">Told after each step of a phase; null for nobody.</param>
    /// <exception cref="ArgumentException">The specification names something unknown or that does not go together.</exception>
    public static void Apply(
        Network network,
        RunSpecification specification,
        DataSplit data,
        Generator generator,
        Action<InitialisationProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(data);
        Draw(network, specification.Model, generator);
        LossFunction loss = LossRegistry.Losses[specification.Training.Loss];
        if (specification.Model.Initialisation?.MetaInit is { } metaInit)
        {
            using Generator synthetic = new(SeedDerivation.Derive(specification.Seed, "metainit"), CPU);
            MetaInit.Run(network, metaInit, data.Train.Shape, data.Train.Classes, loss, synthetic, progress);
        }

        if (specification.Model.Initialisation?.GradInit is { } gradInit)
        {
            _ = GradInit.Run(
                network,
                gradInit,
                data.Train,
                loss,
                bySign: OptimizerRegistry.Optimizers[specification.Optimizer.Kind].IsPreconditioned,
                unchecked((int)SeedDerivation.Derive(specification.Seed, "gradinit")),
                progress);
        }
    }

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

    /// <summary>The initialisation without any phase.</summary>
    internal static void Draw(Network network, ModelSpecification model, Generator generator) =>
        Initialisations.All[model.Initialisation?.Kind ?? Initialisations.Default](
            network, InitialScale.Of(model), generator);
}
