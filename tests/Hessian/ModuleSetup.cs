using System.Runtime.CompilerServices;
using CurvatureActors.Hessian.Native;

// Some tests prove that libtorch's global random state is untouched, and building a layer in another one moves it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace CurvatureActors.Hessian.Tests;

internal static class ModuleSetup
{
    internal static NativeRuntimeReport Report { get; private set; } = null!;

    [ModuleInitializer]
    internal static void Configure()
    {
        // The runner first starts this program only to ask what it is. Loading libtorch for that takes long enough
        // on a busy machine that the runner sees a thread still ending and takes the answer for a failure.
        if (!Environment.GetCommandLineArgs().Contains("-assemblyInfo"))
        {
            Report = NativeRuntime.Configure(new NativeRuntimeOptions { Threads = 1 });
        }
    }
}
