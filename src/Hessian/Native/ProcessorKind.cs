using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace CurvatureActors.Hessian.Native;

/// <summary>
/// What kind of processor this is, as far as libtorch's results depend on it: vendor, model, and the instruction set that
/// its kernels are chosen by. Two machines of one kind compute the same bits; how many cores they have does not matter.
/// </summary>
public static class ProcessorKind
{
    private const string Forced = "ATEN_CPU_CAPABILITY";

    /// <summary>Keys of /proc/cpuinfo that name the kind, on x86 and on ARM.</summary>
    private static readonly string[] NameKeys = ["vendor_id", "model name", "CPU implementer", "CPU part", "Hardware"];

    private static readonly Lazy<string> Own = new(() => Describe(
        OperatingSystem.IsLinux() ? Read("/proc/cpuinfo") : "",
        RuntimeInformation.ProcessArchitecture,
        Environment.GetEnvironmentVariable(Forced)));

    /// <summary>This machine's, in words, such as <c>GenuineIntel Intel(R) Xeon(R) Platinum 8375C, AVX512</c>.</summary>
    public static string OfThisMachine => Own.Value;

    /// <summary>The kind that a Linux kernel describes.</summary>
    /// <param name="cpuInfo">Content of /proc/cpuinfo; empty where there is none.</param>
    /// <param name="architecture">Of this process.</param>
    /// <param name="forced">What ATEN_CPU_CAPABILITY says, which libtorch obeys; null when it is not set.</param>
    public static string Describe(string cpuInfo, Architecture architecture, string? forced)
    {
        // The first processor stands for all: machines with several kinds move threads among them as they like.
        Dictionary<string, string> first = [];
        foreach (string line in cpuInfo.Split('\n').SkipWhile(string.IsNullOrWhiteSpace).TakeWhile(line => line.Trim().Length > 0))
        {
            string[] parts = line.Split(':', 2);
            first.TryAdd(parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : "");
        }

        string[] names =
        [
            .. NameKeys.Where(first.ContainsKey)
                .Select(key => key.StartsWith("CPU", StringComparison.Ordinal) ? $"{key[4..]} {first[key]}" : first[key])
                .Where(value => value.Length > 0),
        ];
        string name = names.Length > 0 ? string.Join(' ', names)
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") is { Length: > 0 } identifier ? identifier
            : "unknown processor";
        string chosen = string.IsNullOrEmpty(forced) ? "" : string.Create(CultureInfo.InvariantCulture, $" ({Forced}={forced})");
        return $"{name}, {InstructionSet(first, architecture)}{chosen}";
    }

    /// <summary>As libtorch's own dispatch decides.</summary>
    private static string InstructionSet(Dictionary<string, string> first, Architecture architecture)
    {
        if (architecture is not (Architecture.X64 or Architecture.X86))
        {
            return architecture.ToString().ToLowerInvariant();
        }

        HashSet<string> flags = first.TryGetValue("flags", out string? listed)
            ? [.. listed.Split(' ')]
            :
            [
                .. new (string Flag, bool Has)[]
                {
                    ("fma", Fma.IsSupported), ("avx2", Avx2.IsSupported), ("avx512vl", Avx512F.VL.IsSupported),
                    ("avx512bw", Avx512BW.IsSupported), ("avx512dq", Avx512DQ.IsSupported),
                }.Where(entry => entry.Has).Select(entry => entry.Flag),
            ];
        return !flags.IsSupersetOf(["fma", "avx2"]) ? "no AVX2"
            : flags.IsSupersetOf(["avx512vl", "avx512bw", "avx512dq"]) ? "AVX512"
            : "AVX2";
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
