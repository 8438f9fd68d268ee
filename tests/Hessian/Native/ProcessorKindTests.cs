using System.Runtime.InteropServices;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Hessian.Tests.Native;

public class ProcessorKindTests
{
    private const string Xeon = """
        processor	: 0
        vendor_id	: GenuineIntel
        cpu family	: 6
        model name	: Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz
        cpu MHz		: 2899.998
        flags		: fpu sse fma avx2 avx512f avx512vl avx512bw avx512dq

        processor	: 1
        vendor_id	: GenuineIntel
        model name	: something else
        """;

    private const string Arm = """
        processor	: 0
        BogoMIPS	: 243.75
        CPU implementer	: 0x41
        CPU part	: 0xd0c
        """;

    [Theory]
    [InlineData(Xeon, Architecture.X64, null, "GenuineIntel Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz, AVX512")]
    [InlineData(Xeon, Architecture.X64, "avx2", "GenuineIntel Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz, AVX512 (ATEN_CPU_CAPABILITY=avx2)")]
    [InlineData("vendor_id : AuthenticAMD\nmodel name : AMD EPYC\nflags : fma avx2 avx512f", Architecture.X64, null, "AuthenticAMD AMD EPYC, AVX2")]
    [InlineData("vendor_id : AuthenticAMD\nmodel name : old\nflags : sse4_2", Architecture.X64, null, "AuthenticAMD old, no AVX2")]
    [InlineData(Arm, Architecture.Arm64, null, "implementer 0x41 part 0xd0c, arm64")]
    public void The_kind_is_vendor_model_and_instruction_set_whatever_the_cores_and_the_clock(
        string cpuInfo, Architecture architecture, string? forced, string expected) =>
        Assert.Equal(expected, ProcessorKind.Describe(cpuInfo.ReplaceLineEndings("\n"), architecture, forced));

    [Fact]
    public void This_machine_has_one_and_it_is_always_the_same()
    {
        Assert.NotEmpty(ProcessorKind.OfThisMachine);
        Assert.DoesNotContain('\n', ProcessorKind.OfThisMachine);
        Assert.Equal(ProcessorKind.OfThisMachine, ProcessorKind.OfThisMachine);
    }
}
