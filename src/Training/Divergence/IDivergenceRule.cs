using System.Text.Json;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// One way for a run to go wrong, looked for in loss, accuracy and gradient norm. Curvature is not among the
/// evidence: heavy ball well past the plain threshold still converges (see docs/curvature.md).
/// </summary>
public interface IDivergenceRule
{
    /// <summary>
    /// Takes in the next step's metrics. Every rule sees every step in order, whatever the others found.
    /// </summary>
    /// <returns>What the rule found when the run counts as diverging at this step, else null.</returns>
    DivergenceFinding? Observe(in StepMetrics metrics);

    /// <summary>The same once the run has made its last step and is evaluated. Changes nothing.</summary>
    DivergenceFinding? Conclude(in RunEnd end) => null;

    /// <summary>
    /// The last step that was healthy, when what the rule saw since is out of the healthy range although it does not
    /// condemn it (yet); null when all is well. Another rule's verdict that comes in the midst of it has its onset here.
    /// </summary>
    int? SuspectedOnset => null;

    /// <summary>Everything the rule remembers. A rule that loads it goes on exactly like this one.</summary>
    JsonElement SaveState();

    /// <summary>Takes over what <see cref="SaveState"/> of the same rule gave.</summary>
    /// <exception cref="JsonException">It is not such a state.</exception>
    void LoadState(JsonElement state);
}
