using CurvatureActors.Cli.Commands;

return await CurvatureCommand.InvokeAsync(args).ConfigureAwait(false);
