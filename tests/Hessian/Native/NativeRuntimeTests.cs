using System.Runtime.InteropServices;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Hessian.Tests.Native;

public sealed partial class NativeRuntimeTests
{
    [Fact]
    public void Given_the_module_initializer_then_libtorch_was_loaded_after_the_settings()
    {
        NativeRuntimeReport report = ModuleSetup.Report;

        Assert.False(report.LoadedTooEarly);
        Assert.Equal(1, report.Threads);
        Assert.Equal(1, report.InteropThreads);
        Assert.Contains("cpu", report.Devices);
        Assert.Matches(@"^\d+\.\d+\.\d+", report.LibtorchVersion);
        Assert.Matches(@"^\d+\.\d+\.\d+", report.TorchSharpVersion);
    }

    [Fact]
    public void Given_a_unix_then_native_code_sees_the_variables_in_the_c_environment()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no C environment apart");

        Assert.NotEqual(0, GetEnvironment("OMP_WAIT_POLICY"));
        Assert.NotEqual(0, GetEnvironment("TORCH_CPP_LOG_LEVEL"));
        Assert.StartsWith(Marshal.PtrToStringUTF8(GetEnvironment("OMP_WAIT_POLICY"))!, ModuleSetup.Report.OpenMpWaitPolicy);
        Assert.StartsWith(Marshal.PtrToStringUTF8(GetEnvironment("TORCH_CPP_LOG_LEVEL"))!, ModuleSetup.Report.TorchLogLevel);
    }

    [Fact]
    public void Given_a_unix_then_libtorch_has_adopted_the_log_level()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows mangles the name otherwise");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("TORCH_CPP_LOG_LEVEL") is not null, "the user has chosen one");

        nint library = NativeLibrary.Load("libc10", typeof(TorchSharp.torch).Assembly, null);
        Assert.Equal(2, Marshal.ReadInt32(NativeLibrary.GetExport(library, "FLAGS_caffe2_log_level")));
        Assert.Equal("ERROR", ModuleSetup.Report.TorchLogLevel);
    }

    [Fact]
    public void Given_a_second_call_then_only_the_threads_may_change()
    {
        NativeRuntimeReport again = NativeRuntime.Configure(new NativeRuntimeOptions { Threads = 1, InteropThreads = 7 });

        Assert.Equal(ModuleSetup.Report.InteropThreads, again.InteropThreads);
        Assert.Equal(ModuleSetup.Report.Allocator, again.Allocator);
        Assert.Equal(ModuleSetup.Report.Threads, again.Threads);
    }

    [Fact]
    public void Given_no_threads_then_the_error_names_the_option()
    {
        Assert.Contains("Threads", Assert.Throws<ArgumentOutOfRangeException>(
            () => NativeRuntime.Configure(new NativeRuntimeOptions { Threads = 0 })).Message);
        Assert.Contains("InteropThreads", Assert.Throws<ArgumentOutOfRangeException>(
            () => NativeRuntime.Configure(new NativeRuntimeOptions { InteropThreads = -1 })).Message);
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnvironment(string name);
}
