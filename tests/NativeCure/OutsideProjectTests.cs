using System.Diagnostics;
using System.Text;

namespace CurvatureActors.NativeCure.Tests;

/// <summary>
/// A project elsewhere, which none of this repository's build files reach, uses the library by reference and as a package,
/// from the packages that are on this machine already.
/// </summary>
public sealed class OutsideProjectTests : IDisposable
{
    private const string Program =
        """
        using CurvatureActors.Hessian.Operators;
        using CurvatureActors.Hessian.Solvers;
        using static TorchSharp.torch;

        // TorchSharp comes first: nothing of the library has run when libtorch is loaded.
        using var matrix = new MatrixOperator(diag(tensor(new double[] { 7, 2, 1 })));
        System.Console.WriteLine($"lambda1 {Lanczos.Largest(matrix).Lambda1:f6}");
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("outside").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("by reference")]
    [InlineData("as a package")]
    public async Task Given_a_project_outside_the_repository_then_it_builds_and_runs(string how)
    {
        string repository = Ancestor(AppContext.BaseDirectory, folder => File.Exists(Path.Combine(folder, "CurvatureActors.sln")));
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string library = Path.Combine(repository, "src", "Hessian", "CurvatureActors.Hessian.csproj");
        string feed = Directory.CreateDirectory(Path.Combine(_folder, "feed")).FullName;
        string use = $"""<ProjectReference Include="{library}" />""";
        if (how == "as a package")
        {
            await Dotnet(repository, "pack", library, "-c", configuration, "--no-build", "-o", feed, "-p:Version=0.0.1-outside");
            use = """<PackageReference Include="CurvatureActors.Hessian" Version="0.0.1-outside" />""";
        }

        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string project = Directory.CreateDirectory(Path.Combine(_folder, "program")).FullName;
        File.WriteAllText(Path.Combine(project, "Program.cs"), Program);
        File.WriteAllText(
            Path.Combine(project, "Outside.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{feed}</RestoreSources>
                <RestorePackagesPath>{Path.Combine(_folder, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{packages}</RestoreFallbackFolders>
                <CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>true</CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
              <ItemGroup>{use}</ItemGroup>
            </Project>
            """);

        await Dotnet(project, "build", "-c", configuration, "-p:BuildProjectReferences=false");
        string built = Path.Combine(project, "bin", configuration, "net10.0");
        string said = await Dotnet(project, Path.Combine(built, "Outside.dll"));

        Assert.Equal("lambda1 7.000000", said.Trim());
        if (OperatingSystem.IsLinux())
        {
            string[] cured = Directory.GetFiles(built, "LibTorchSharp.so", SearchOption.AllDirectories);
            Assert.NotEmpty(cured);
            Assert.All(cured, file => Assert.True(
                File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\0{LibstdcxxVersionCure.WantedVersion}\0")) < 0, file));
        }
    }

    private static async Task<string> Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A runner started by MSBuild hands down where its own SDK lies.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{await output}\n{errors}");
        return await output;
    }

    private static string Ancestor(string folder, Func<string, bool> wanted) =>
        wanted(folder) ? folder : Ancestor(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException(), wanted);
}
