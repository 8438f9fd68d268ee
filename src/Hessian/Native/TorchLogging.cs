using System.Runtime.InteropServices;
using TorchSharp;

namespace CurvatureActors.Hessian.Native;

/// <summary>libtorch's own log.</summary>
internal static class TorchLogging
{
    // c10::initLogging(), which Python's torch calls when it is imported and nothing calls otherwise.
    private const string InitLogging = "_ZN3c1011initLoggingEv";

    /// <summary>
    /// Has libtorch read <c>TORCH_CPP_LOG_LEVEL</c>; without that the variable has no effect outside Python, and every
    /// program that measures curvature prints a warning about <c>create_graph</c> that <c>HessianOperator</c> heeds.
    /// </summary>
    /// <returns>False where this libtorch has no such function (Windows names it otherwise).</returns>
    internal static unsafe bool ReadEnvironment()
    {
        if (!NativeLibrary.TryLoad("libc10", typeof(torch).Assembly, null, out nint library)
            || !NativeLibrary.TryGetExport(library, InitLogging, out nint function))
        {
            return false;
        }

        ((delegate* unmanaged<void>)function)();
        return true;
    }
}
