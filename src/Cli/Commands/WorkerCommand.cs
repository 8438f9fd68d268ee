using System.CommandLine;
using System.Runtime.InteropServices;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Workers;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>worker</c>: what <c>run --workers N</c> starts; not for people.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";

    /// <summary>A registration that nobody holds ends with the next collection.</summary>
    private static PosixSignalRegistration[] _terminal = [];

    public static Command Create()
    {
        var command = new Command(Name, "A worker process of run --workers; started by it.") { Hidden = true };
        command.SetAction(async (_, cancelled) =>
        {
            LeaveTerminalToCoordinator();
            string line = await Console.In.ReadLineAsync(cancelled).ConfigureAwait(false)
                ?? throw new UsageException("worker is started by `curvature run FILE --workers N`, not by hand.");
            EndWithCoordinator();
            WorkerInvitation invitation = WorkerInvitation.FromLine(line);
            NativeSetup.Apply(invitation.Threads, invitation.TuneAllocator);
            var directory = new StateDirectory(invitation.StateDirectory);
            string reason = await WorkerNode
                .RunAsync(invitation, logging => LogFile.Use(logging, directory, invitation.Name)).ConfigureAwait(false);
            await Console.Error.WriteLineAsync(reason).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A Ctrl-C at the terminal, or its closing, reaches every process of the program; the coordinator says what is to be done.</summary>
    private static void LeaveTerminalToCoordinator() => _terminal =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
    ];

    /// <summary>The coordinator's end of standard input closes with the coordinator, however that ends.</summary>
    private static void EndWithCoordinator()
    {
        new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
            }

            ProcessEnd.Now(ExitCode.Success);
        })
        {
            IsBackground = true,
            Name = "coordinator-watch",
        }.Start();
    }
}
