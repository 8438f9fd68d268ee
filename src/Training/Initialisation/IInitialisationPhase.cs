using CurvatureActors.Training.Models;

namespace CurvatureActors.Training.Initialisation;

/// <summary>
/// Rescales the weights of an initialised network, step by step. With the network's parameters, <see cref="Step"/> and
/// <see cref="State"/> are all that the next step depends on: a phase that is restored ends with the same bits.
/// </summary>
public interface IInitialisationPhase : IDisposable
{
    /// <summary>Its name in <c>init.phase</c>.</summary>
    string Name { get; }

    /// <summary>Steps made.</summary>
    int Step { get; }

    /// <summary>Steps in all.</summary>
    int Steps { get; }

    /// <summary>Whether all steps are made.</summary>
    bool Finished => Step >= Steps;

    /// <summary>Makes a step; the network's <c>.grad</c> and buffers are left as found.</summary>
    /// <exception cref="InvalidOperationException">libtorch could not differentiate.</exception>
    InitialisationProgress Advance();

    /// <summary>Copies of what it carries from step to step, always of the same names, types and shapes; the caller disposes them.</summary>
    IReadOnlyList<NamedTensor> State();

    /// <summary>Goes on after this step with these values, which stay the caller's; the network's parameters are restored apart.</summary>
    /// <param name="step">Steps made.</param>
    /// <param name="state">As <see cref="State"/> gave it, in the same order.</param>
    /// <exception cref="Snapshots.SnapshotException">The values are none that this phase has.</exception>
    void Restore(int step, IReadOnlyList<NamedTensor> state);
}
