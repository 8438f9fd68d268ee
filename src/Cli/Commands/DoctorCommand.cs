using System.CommandLine;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Display;
using CurvatureActors.Hessian.Native;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>doctor</c>: what works on this machine, what does not, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var verify = new Option<bool>("--verify")
        {
            Description = "Hold journal, telemetry and snapshots of the state directory against each other and against the digests taken at each end.",
        };
        var command = new Command("doctor", "Check native libraries, devices, threads, storage and data sets.") { state, verify, json };
        command.SetAction(parsed =>
        {
            Finding[] findings =
            [
                .. Guarded("native libraries", Native, "Build again with `dotnet build`; the build adapts TorchSharp to this machine."),
                .. Guarded("storage", () => Storage(CommonOptions.Directory(parsed.GetValue(state))), "Choose another directory with --state."),
                .. Guarded("data fashion-mnist-small", Data, "Build again: the images ship with the program."),
                .. parsed.GetValue(verify)
                    ? Guarded("verification", () => Verification(CommonOptions.Directory(parsed.GetValue(state))), JournalAdvice)
                    : [],
            ];
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(findings);
            }
            else
            {
                Tables.Write(
                    ["", "what", "found", "what to do"],
                    findings.Select(finding => (string[])[finding.Ok ? "ok" : "NO", finding.What, finding.Found, finding.Advice ?? ""]));
            }

            return findings.All(finding => finding.Ok) ? ExitCode.Success : ExitCode.RunsFailed;
        });
        return command;
    }

    private const string JournalAdvice = "Put back a copy of the file that does not fit; what is told twice tells which.";

    private static IEnumerable<Finding> Guarded(string what, Func<IEnumerable<Finding>> check, string advice)
    {
        try
        {
            return [.. check()];
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return [new Finding(false, what, (error.InnerException ?? error).Message, advice)];
        }
    }

    private static IEnumerable<Finding> Native()
    {
        NativeRuntimeReport report = NativeRuntime.Configure();
        yield return new(true, "libtorch", $"{report.LibtorchVersion}, TorchSharp {report.TorchSharpVersion}");
        yield return new(true, "devices", string.Join(", ", report.Devices));
        yield return new(true, "kind of processor", $"{ProcessorKind.OfThisMachine}; the same bits are promised on this kind only");
        yield return new(true, "processors", $"{Environment.ProcessorCount}; {report.Threads} native thread per trainer unless curvature.training.threads says otherwise");
        yield return new(true, "allocator", report.Allocator);
        yield return new(true, "OpenMP wait policy", report.OpenMpWaitPolicy);
    }

    private static IEnumerable<Finding> Storage(StateDirectory directory)
    {
        StateDirectoryHolder? holder = StateDirectoryLock.HolderOf(directory);
        if (holder is not null)
        {
            yield return new(true, "state directory", $"{directory.Path}, in use by {holder.Who}");
            yield break;
        }

        bool existed = Directory.Exists(directory.Path);
        using (StateDirectoryLock.Acquire(directory))
        {
            StateDatabases.Try(directory);
        }

        long free = new DriveInfo(directory.Path).AvailableFreeSpace;
        yield return new(true, "state directory", $"{directory.Path}, writable, {free / 1_000_000_000.0:f1} GB free");
        if (!existed)
        {
            Directory.Delete(directory.Path, recursive: true);
        }
    }

    private static IEnumerable<Finding> Verification(StateDirectory directory)
    {
        using var reader = new StateReader(directory);
        var verification = StateVerification.Of(reader);
        foreach (string problem in verification.Problems)
        {
            yield return new(false, "verification", problem, JournalAdvice);
        }

        if (verification.Uncovered.Count > 0)
        {
            yield return new(
                true, "not covered", $"{verification.Uncovered.Count} ended runs have no digest; the first: {verification.Uncovered[0]}");
        }

        foreach (string lack in verification.Incomplete)
        {
            yield return new(true, "not whole", lack);
        }

        if (verification.Problems.Count == 0)
        {
            yield return new(
                true, "verification",
                $"{verification.Runs} runs and {verification.Snapshots} snapshots of {directory.Path} fit together"
                + (verification.Uncovered.Count > 0 ? ", as far as there are digests" : ""));
        }
    }

    private static IEnumerable<Finding> Data()
    {
        DataSplit data = DataSets.Load(new DataSpecification { Name = "fashion-mnist-small" });
        yield return new(true, "data fashion-mnist-small", $"{data.Train.Count} training and {data.Test.Count} test images");
    }

    private sealed record Finding(bool Ok, string What, string Found, string? Advice = null);
}
