namespace CurvatureActors.Training.Tests.Data;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("curvature-data-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Write(string name, byte[] content) => File.WriteAllBytes(this[name], content);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
