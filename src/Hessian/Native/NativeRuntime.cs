using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace CurvatureActors.Hessian.Native;

/// <summary>
/// Settings of the native libraries that hold for the whole process. Most of them are read once, when libtorch loads,
/// so <see cref="Configure"/> belongs before the first use of TorchSharp: first thing in <c>Main</c>, and in a module
/// initializer of a test assembly.
/// </summary>
public static class NativeRuntime
{
    private const string WaitPolicy = "OMP_WAIT_POLICY";
    private const string LogLevel = "TORCH_CPP_LOG_LEVEL";

    private static readonly string[] AllocatorVariables =
        ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "MALLOC_ARENA_MAX"];

    private static readonly Lock Gate = new();
    private static NativeRuntimeReport? _report;

    /// <summary>
    /// Sets environment, allocator and threads, loads libtorch, and says what was done. A further call does nothing
    /// except adopt another <see cref="NativeRuntimeOptions.Threads"/>. Variables that the user has set are left alone.
    /// </summary>
    /// <param name="options">What to set; the defaults when null.</param>
    /// <returns>What was found and done.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number of threads is below 1.</exception>
    public static NativeRuntimeReport Configure(NativeRuntimeOptions? options = null)
    {
        options ??= new NativeRuntimeOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.InteropThreads, 1);

        lock (Gate)
        {
            if (_report is null)
            {
                bool tooEarly = LibtorchIsLoaded();
                string wait = SetUnlessChosen(WaitPolicy, "PASSIVE", tooEarly);
                string log = SetUnlessChosen(LogLevel, "ERROR", tooLate: false);
                (bool tuned, string allocator) = TuneAllocator(options.TuneAllocator);
                NativeRuntimeReport loaded = LoadLibtorch(options, tooEarly);
                _report = loaded with
                {
                    OpenMpWaitPolicy = wait,
                    TorchLogLevel = TorchLogging.ReadEnvironment() ? log : $"libtorch's default ({LogLevel} is not read here)",
                    AllocatorTuned = tuned,
                    Allocator = allocator,
                };
            }
            else if (_report.Threads != options.Threads)
            {
                _report = _report with { Threads = SetThreads(options.Threads) };
            }

            return _report;
        }
    }

    private static bool LibtorchIsLoaded()
    {
        if (OperatingSystem.IsLinux())
        {
            return File.ReadAllText("/proc/self/maps").Contains("LibTorchSharp", StringComparison.Ordinal);
        }

        using Process self = Process.GetCurrentProcess();
        return self.Modules.Cast<ProcessModule>()
            .Any(module => module.ModuleName.Contains("LibTorchSharp", StringComparison.OrdinalIgnoreCase));
    }

    private static string SetUnlessChosen(string name, string value, bool tooLate)
    {
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } chosen)
        {
            return $"{chosen} (set by the user)";
        }

        if (tooLate)
        {
            return $"libtorch's default ({name} comes too late: libtorch was already loaded)";
        }

        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(name, value);
            return value;
        }

        // .NET keeps a copy of the environment of its own; getenv in native code sees only the C one.
        return LibC.SetEnvironment(name, value, overwrite: 0) == 0 ? value : $"libtorch's default ({name} was refused)";
    }

    private static (bool Tuned, string How) TuneAllocator(bool wanted)
    {
        if (!wanted)
        {
            return (false, "not tuned: turned off");
        }

        if (!OperatingSystem.IsLinux())
        {
            return (false, "not tuned: only glibc on Linux needs it");
        }

        string? chosen = AllocatorVariables.FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is not null);
        if (chosen is null
            && Environment.GetEnvironmentVariable("GLIBC_TUNABLES") is { } tunables
            && tunables.Contains("glibc.malloc", StringComparison.Ordinal))
        {
            chosen = "GLIBC_TUNABLES";
        }

        if (chosen is not null)
        {
            return (false, string.Create(CultureInfo.InvariantCulture, $"not tuned: the user has set {chosen}"));
        }

        try
        {
            // Keep what is freed, take large blocks from the heap up to 32 MiB, grow it by 64 MiB, one arena.
            bool accepted = LibC.SetAllocator(LibC.TrimThreshold, int.MaxValue) == 1
                & LibC.SetAllocator(LibC.MmapThreshold, 32 << 20) == 1
                & LibC.SetAllocator(LibC.TopPad, 64 << 20) == 1
                & LibC.SetAllocator(LibC.ArenaMax, 1) == 1;
            return accepted
                ? (true, "tuned: keeps freed memory, mmap above 32 MiB, grows by 64 MiB, one arena")
                : (false, "not tuned: mallopt refused a value");
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return (false, "not tuned: the C library is not glibc");
        }
    }

    // Not inlined: touching torch runs its static constructor, which loads the libraries, and the variables come first.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NativeRuntimeReport LoadLibtorch(NativeRuntimeOptions options, bool tooEarly)
    {
        int threads = SetThreads(options.Threads);

        // Setting it a second time, or after first use, has no guard in TorchSharp and would end the process.
        if (!tooEarly && torch.get_num_interop_threads() != options.InteropThreads)
        {
            torch.set_num_interop_threads(options.InteropThreads);
        }

        List<string> devices = ["cpu"];
        if (torch.cuda.is_available())
        {
            devices.AddRange(Enumerable.Range(0, torch.cuda.device_count()).Select(index => $"cuda:{index}"));
        }

        return new NativeRuntimeReport
        {
            AllocatorTuned = false,
            Allocator = "",
            OpenMpWaitPolicy = "",
            TorchLogLevel = "",
            LoadedTooEarly = tooEarly,
            Threads = threads,
            InteropThreads = torch.get_num_interop_threads(),
            LibtorchVersion = torch.__version__,
            TorchSharpVersion = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown",
            Devices = devices,
        };
    }

    private static int SetThreads(int threads)
    {
        torch.set_num_threads(threads);
        return torch.get_num_threads();
    }
}
