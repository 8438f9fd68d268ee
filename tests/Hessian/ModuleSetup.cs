using System.Runtime.CompilerServices;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Hessian.Tests;

internal static class ModuleSetup
{
    internal static NativeRuntimeReport Report { get; private set; } = null!;

    [ModuleInitializer]
    internal static void Configure() => Report = NativeRuntime.Configure(new NativeRuntimeOptions { Threads = 1 });
}
