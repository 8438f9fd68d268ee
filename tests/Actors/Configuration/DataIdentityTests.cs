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
