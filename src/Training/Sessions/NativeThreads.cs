using static TorchSharp.torch;

namespace CurvatureActors.Training.Sessions;

/// <summary>The number of native threads that operations started by the calling thread use.</summary>
internal static class NativeThreads
{
    /// <summary>Sets the number where it differs: it belongs to the thread, and an actor's thread may be new.</summary>
    internal static void Use(int threads)
    {
        if (get_num_threads() != threads)
        {
            set_num_threads(threads);
        }
    }
}
