using System.Runtime.CompilerServices;
using CurvatureActors.Hessian.Native;

// Some tests prove that libtorch's global random state is untouched, and building a layer in another one moves it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace CurvatureActors.Hessian.Tests;

internal static class ModuleSetup
{
    internal static NativeRuntimeReport Report { get; private set; } = null!;

    [ModuleInitializer]
    internal static void Configure() => Report = NativeRuntime.Configure(new NativeRuntimeOptions { Threads = 1 });
}
