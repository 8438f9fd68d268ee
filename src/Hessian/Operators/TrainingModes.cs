using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Puts every submodule in the mode that the policies want, and back in the one it was found in when disposed.</summary>
internal sealed class TrainingModes : IDisposable
{
    private readonly (Module Module, bool Found)[] _modules;

    internal TrainingModes(Module root, BatchNormPolicy batchNorm, DropoutPolicy dropout)
    {
        _modules = [.. AncestorsFirst(root).Select(module => (module, module.training))];
        try
        {
            Set(one => one.Module is NormBase ? batchNorm == BatchNormPolicy.BatchStatistics : dropout.Seed is not null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => Set(one => one.Found);

    private void Set(Func<(Module Module, bool Found), bool> mode)
    {
        foreach ((Module Module, bool Found) one in _modules)
        {
            one.Module.train(mode(one));
        }
    }

    // train() goes down to all descendants: only when each module comes after every one that holds it (several may
    // hold the same) does the last word stand.
    private static List<Module> AncestorsFirst(Module root)
    {
        var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
        List<Module> order = [];
        Visit(root);
        order.Reverse();
        return order;

        void Visit(Module module)
        {
            if (seen.Add(module))
            {
                foreach (Module child in module.children())
                {
                    Visit(child);
                }

                order.Add(module);
            }
        }
    }
}
