using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Seeds the process-wide random state of the CPU, and puts back the state that was found when disposed.</summary>
internal sealed class RandomState : IDisposable
{
    private readonly Tensor _found;

    internal RandomState(long seed)
    {
        _found = random.get_rng_state().DetachFromDisposeScope();

        // This generator alone: torch.manual_seed seeds those of other devices too, whose state cannot be read.
        Generator.Default.manual_seed(seed);
    }

    public void Dispose()
    {
        random.set_rng_state(_found);
        _found.Dispose();
    }
}
