using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("CurvatureActors.Cli.Tests")]
