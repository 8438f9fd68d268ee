using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>How the program must end when it cannot write.</summary>
internal static class StorageFailure
{
    /// <summary>Exit code 4, and one sentence instead of a stack trace.</summary>
    public static void Judge(Tally tally, ProgramResult result, string what)
    {
        tally.Expect(result.ExitCode == 4, $"{what} ended with exit code {result.ExitCode}: {result.Error}");
        tally.Expect(
            result.Error.Trim().Length > 0 && !result.Error.Trim().Contains('\n', StringComparison.Ordinal),
            $"{what} was not said in one line: {result.Error}");
        tally.Expect(
            !result.Output.Contains("\n   at ", StringComparison.Ordinal), $"{what} left a stack trace on standard output: {result.Output}");
    }
}
