using CurvatureActors.Cli;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Cli.Display;

SafeConsole.Install();

DiagnosticFiles.RemoveUnlessWanted();
StandardStreams.Guard();

// Everything that must be on disk is there when a command returns.
ProcessEnd.Now(await CurvatureCommand.InvokeAsync(args).ConfigureAwait(false));
