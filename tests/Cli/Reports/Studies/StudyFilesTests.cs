using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

public sealed class StudyFilesTests
{
    private static string Folder => Path.Combine(Root(), "config", "studies");

    public static TheoryData<string> Studies => [.. StudyRegistry.All.Select(study => study.Name)];

    [Theory]
    [MemberData(nameof(Studies))]
    public void Each_study_has_a_file_that_loads_and_names_it(string name)
    {
        ExperimentSpecification experiment = ExperimentLoader.Load(Path.Combine(Folder, name + ".conf"), []);
        Assert.Equal((name, name), (experiment.Name, experiment.Study));
    }

    [Fact]
    public void Each_file_is_that_of_a_study() => Assert.Equal(
        StudyRegistry.All.Select(study => study.Name + ".conf").Order(),
        Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order());

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CurvatureActors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No solution above the tests.");
        }

        return folder;
    }
}
