using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>Factories loaded from a file: here a copy of this assembly, as if a user had built it.</summary>
public sealed class ExternalModelTests : IDisposable
{
    private static readonly NetworkOptions Options = new(new ImageShape(1, 4, 4), Classes: 3, CPU);
    private readonly string _folder = Directory.CreateTempSubdirectory("external").FullName;

    [Fact]
    public void Given_a_factory_When_built_Then_the_network_is_its_own_and_learns_its_digest()
    {
        ModelSpecification model = Model(typeof(OneLayer).FullName!);
        model = model with { AssemblySha256 = ExternalModel.Sha256(model.Assembly!) };
        using Network network = ModelRegistry.Build(model, Options);
        Assert.Equal(["only.weight", "only.bias"], network.Parameters.Select(parameter => parameter.Name));

        // Loaded from the copy, not found among what is loaded already.
        Assert.NotSame(typeof(OneLayer), ExternalModel.Factory(model).GetType());
    }

    [Fact]
    public void Given_something_that_is_no_factory_When_loaded_Then_the_error_names_key_value_and_reason()
    {
        Assert.Contains("curvature.model.type is \"Nowhere.Model\"; there is no such class", Message("Nowhere.Model"), StringComparison.Ordinal);
        string name = typeof(ExternalModelTests).FullName!;
        Assert.Contains($"curvature.model.type is \"{name}\"; it does not implement INetworkFactory", Message(name), StringComparison.Ordinal);
        name = typeof(NeedsArgument).FullName!;
        Assert.Contains($"curvature.model.type is \"{name}\"; it has no public constructor", Message(name), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_file_that_cannot_serve_When_loaded_Then_the_error_names_it_and_the_reason()
    {
        ModelSpecification model = Model(typeof(OneLayer).FullName!);
        Assert.Contains("not the file that the run was planned with", Error(model with { AssemblySha256 = "0" }), StringComparison.Ordinal);
        string missing = Path.Combine(_folder, "missing.dll");
        Assert.Equal(
            $"curvature.model.assembly is \"{missing}\"; there is no such file.", Error(model with { Assembly = missing }));
        string text = Path.Combine(_folder, "text.dll");
        File.WriteAllText(text, "no assembly");
        Assert.Equal($"curvature.model.assembly is \"{text}\"; it is no .NET assembly.", Error(model with { Assembly = text }));
        Assert.Equal(
            "curvature.model.assembly is not set; the model external needs a .dll.", Error(model with { Assembly = null }));
    }

    [Theory]
    [InlineData("/dev/zero", "it is empty, or no ordinary file")]
    [InlineData("/dev/null", "it is empty, or no ordinary file")]
    [InlineData("/proc/self/maps", "it is empty, or no ordinary file")]
    [InlineData("link-to-zero", "it is empty, or no ordinary file")]
    [InlineData("pipe", "it is empty, or no ordinary file")]
    [InlineData("empty.dll", "it is empty, or no ordinary file")]
    [InlineData("huge.dll", "it has 2000000000 bytes, and no assembly has so many")]
    [InlineData("folder.dll", "that is a folder")]
    public void Given_a_file_that_is_no_ordinary_one_When_loaded_Then_that_is_said_and_it_is_not_read(string name, string reason)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These are files of Linux.");
        string path = Path.Combine(_folder, name);
        File.CreateSymbolicLink(Path.Combine(_folder, "link-to-zero"), "/dev/zero");
        File.WriteAllText(Path.Combine(_folder, "empty.dll"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "folder.dll"));
        using (FileStream huge = File.Create(Path.Combine(_folder, "huge.dll")))
        {
            // A hole: it takes no room on the disk.
            huge.SetLength(2_000_000_000);
        }

        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "pipe")]))
        {
            mkfifo.WaitForExit();
        }

        Assert.Equal(
            $"curvature.model.assembly is \"{path}\"; {reason}.",
            Error(Fixtures.Model("external") with { Assembly = path, Type = "X" }));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Message(string type) => Error(Model(type));

    private static string Error(ModelSpecification model) =>
        Assert.Throws<ArgumentException>(() => ModelRegistry.Build(model, Options)).Message;

    private ModelSpecification Model(string type)
    {
        string copy = Path.Combine(_folder, "mine.dll");
        File.Copy(typeof(OneLayer).Assembly.Location, copy, overwrite: true);
        return Fixtures.Model("external") with { Assembly = copy, Type = type };
    }
}

/// <summary>A linear classifier.</summary>
public sealed class OneLayer : INetworkFactory
{
    /// <inheritdoc/>
    public Network Create(ModelSpecification model, NetworkOptions options)
    {
        ImageShape image = (ImageShape)options.Shape;
        return new Network([("flatten", new Flatten()), ("only", new FullyConnected(image.Size, options.Classes, true, options))]);
    }
}

/// <summary>Cannot be made without being told something.</summary>
public sealed class NeedsArgument(int what) : INetworkFactory
{
    /// <inheritdoc/>
    public Network Create(ModelSpecification model, NetworkOptions options) => throw new NotSupportedException($"{what}");
}
