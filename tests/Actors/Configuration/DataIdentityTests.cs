using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Configuration;

public sealed class DataIdentityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("identity").FullName;

    [Fact]
    public void A_model_of_the_users_own_is_the_same_run_wherever_its_file_lies_and_another_when_its_content_differs()
    {
        string here = Copy("here.dll", []);
        string there = Copy("there.dll", []);
        string changed = Copy("changed.dll", [0]);
        string identity = Identity(here);
        Assert.Equal(identity, Identity(there));
        Assert.NotEqual(identity, Identity(changed));
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_is_an_error_of_the_configuration()
    {
        string missing = Path.Combine(_folder, "missing.dll");
        Assert.Equal(
            $"curvature.model.assembly is \"{missing}\"; there is no such file.",
            Assert.Throws<ConfigurationException>(() => Identity(missing)).Message);
        Assert.Equal(
            "curvature.model.assembly is not set; the model external needs a .dll.",
            Assert.Throws<ConfigurationException>(() => Identity("")).Message);
    }

    [Fact]
    public void A_number_of_classes_that_the_labels_say_themselves_makes_no_other_run()
    {
        Write([0, 1, 2, 1], [2]);

        IReadOnlyList<PlannedRun> runs = Idx("sweep.grid={\"data.classes\" = [auto, 3, 5]}");

        Assert.Equal(2, runs.Count);
        Assert.Equal(Idx()[0].Run, runs[0].Run);
        Assert.NotEqual(runs[0].Run, runs[1].Run);
    }

    [Fact]
    public void A_set_of_ten_labels_is_the_run_that_it_was_before_there_was_the_key()
    {
        Write([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [3]);

        // Computed by the version before, for the same four files and settings.
        Assert.Equal("4fdc9625e20e", Idx()[0].Run);
    }

    private IReadOnlyList<PlannedRun> Idx(params string[] sets) => ExperimentLoader.LoadText(
        "", "x", ["data.name=idx", $"data.directory={_folder}", .. sets]).WithDataIdentity().Runs;

    private void Write(byte[] train, byte[] test)
    {
        foreach ((string part, byte[] labels) in (ReadOnlySpan<(string, byte[])>)[("train", train), ("t10k", test)])
        {
            File.WriteAllBytes(Path.Combine(_folder, $"{part}-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, (byte)labels.Length, 0, 0, 0, 1, 0, 0, 0, 1, .. labels]);
            File.WriteAllBytes(Path.Combine(_folder, $"{part}-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, (byte)labels.Length, .. labels]);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Bytes behind the end of an assembly change nothing but its digest.
    private string Copy(string name, byte[] appended)
    {
        string copy = Path.Combine(_folder, name);
        File.WriteAllBytes(copy, [.. File.ReadAllBytes(typeof(OwnModel).Assembly.Location), .. appended]);
        return copy;
    }

    private static string Identity(string assembly) => ExperimentLoader.LoadText(
        "",
        "x",
        ["model.kind=external", $"model.assembly={assembly}", $"model.type={typeof(OwnModel).FullName}"])
        .WithDataIdentity().Runs[0].Run;
}

/// <summary>A model as a user would write it; never built here.</summary>
public sealed class OwnModel : INetworkFactory
{
    /// <inheritdoc/>
    public Network Create(ModelSpecification model, NetworkOptions options) => new([]);
}
