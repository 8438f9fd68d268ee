using CurvatureActors.Cli;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Cli.Display;

DiagnosticFiles.RemoveUnlessWanted();
StandardStreams.Guard();
SafeConsole.Install();

// Everything that must be on disk is there when a command returns.
ProcessEnd.Now(await CurvatureCommand.InvokeAsync(args).ConfigureAwait(false));
