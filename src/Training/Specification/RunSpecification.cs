using System.Security.Cryptography;

namespace CurvatureActors.Training.Specification;

/// <summary>
/// Everything that decides a run's trajectory, remedies included. What only observes (probe schedule, display,
/// storage) is not part of it, so observing cannot change a run's identity.
/// </summary>
public sealed record RunSpecification
{
    /// <summary>Version of the meaning of these fields; raised when equal fields would train differently.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Seed of every generator of the run: initialisation, data order, dropout.</summary>
    public required int Seed { get; init; }

    /// <summary>The images.</summary>
    public required DataSpecification Data { get; init; }

    /// <summary>The network.</summary>
    public required ModelSpecification Model { get; init; }

    /// <summary>The update rule.</summary>
    public required OptimizerSpecification Optimizer { get; init; }

    /// <summary>The learning rate over time.</summary>
    public required ScheduleSpecification Schedule { get; init; }

    /// <summary>Length, batches, loss and clipping.</summary>
    public required TrainingSpecification Training { get; init; }

    /// <summary>When a run counts as diverging.</summary>
    public required DetectionSpecification Detection { get; init; }

    /// <summary>What is done then.</summary>
    public required RecoverySpecification Recovery { get; init; }

    /// <summary>How lambda1 is measured when a remedy needs it.</summary>
    public required CurvatureSpecification Curvature { get; init; }

    /// <summary>
    /// SHA-256 of the canonical form as 12 lower-case hex digits. The directory that the data lie in and the path of an
    /// external model are left out: a run is the same wherever its files are.
    /// </summary>
    public string Identity() =>
        Convert.ToHexStringLower(SHA256.HashData(SpecificationJson.Canonical(
            this with
            {
                // Once the files are read, their digest holds the number of classes.
                Data = Data with { Directory = null, Classes = Data.Sha256 is null ? Data.Classes : null },
                Model = Model with { Assembly = null },
            })))[..12];
}
