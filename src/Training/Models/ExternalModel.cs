using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Loads the factories of models from the assemblies of a user, each in a load context of its own with the libraries
/// beside it; what this program has itself (TorchSharp, these projects) is shared. A loaded assembly stays.
/// </summary>
public static class ExternalModel
{
    private const long LargestAssembly = 1_000_000_000;

    private static readonly ConcurrentDictionary<(string Path, string Sha256), Assembly> Loaded = new();

    /// <summary>SHA-256 of an assembly's file, 64 lower-case hex digits.</summary>
    /// <exception cref="ArgumentException">The file is missing or cannot be read.</exception>
    public static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(Content(path)));

    /// <summary>The network that the specification's factory builds.</summary>
    /// <exception cref="ArgumentException">See <see cref="Factory"/>.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options) => Factory(model).Create(model, options);

    /// <summary>The factory of a specification.</summary>
    /// <exception cref="ArgumentException">
    /// The file is missing, is not the one that the run was planned with, or is no assembly; the type is missing, does
    /// not implement <see cref="INetworkFactory"/>, or has no constructor without parameters.
    /// </exception>
    public static INetworkFactory Factory(ModelSpecification model)
    {
        ArgumentNullException.ThrowIfNull(model);
        string path = Path.GetFullPath(model.Assembly
            ?? throw new ArgumentException("curvature.model.assembly is not set; the model external needs a .dll."));
        byte[] content = Content(path);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        if (model.AssemblySha256 is { } expected && expected != sha256)
        {
            throw new ArgumentException(
                $"curvature.model.assembly is \"{path}\"; this is not the file that the run was planned with.");
        }

        Assembly assembly = Loaded.GetOrAdd((path, sha256), key => Load(key.Path, content));
        Type type = assembly.GetType(model.Type ?? "", throwOnError: false) ?? throw Wrong("there is no such class in", path);
        return !typeof(INetworkFactory).IsAssignableFrom(type)
            ? throw Wrong($"it does not implement {nameof(INetworkFactory)} in", path)
            : type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null
            ? throw Wrong("it has no public constructor without parameters in", path)
            : (INetworkFactory)Activator.CreateInstance(type)!;

        ArgumentException Wrong(string what, string file) => new($"curvature.model.type is \"{model.Type}\"; {what} {file}.");
    }

    private static byte[] Content(string path)
    {
        try
        {
            // Asked before it is opened: a device has no end, and a pipe may never have a beginning. None of them has a length.
            FileSystemInfo? target = File.ResolveLinkTarget(path, returnFinalTarget: true);
            long length = target is null ? new FileInfo(path).Length : new FileInfo(target.FullName).Length;
            return length is > 0 and <= LargestAssembly
                ? File.ReadAllBytes(path)
                : throw new ArgumentException(
                    $"curvature.model.assembly is \"{path}\"; "
                    + (length == 0 ? "it is empty, or no ordinary file." : $"it has {length} bytes, and no assembly has so many."));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException(
                $"curvature.model.assembly is \"{path}\"; {(File.Exists(path) ? "it cannot be read"
                    : Directory.Exists(path) ? "that is a folder"
                    : "there is no such file")}.",
                problem);
        }
    }

    // From the bytes that were hashed, so that the file can be built again while the program runs.
    private static Assembly Load(string path, byte[] content)
    {
        try
        {
            return new Context(path).LoadFromStream(new MemoryStream(content));
        }
        catch (Exception problem) when (problem is BadImageFormatException or FileLoadException)
        {
            throw new ArgumentException($"curvature.model.assembly is \"{path}\"; it is no .NET assembly.", problem);
        }
    }

    private sealed class Context(string path) : AssemblyLoadContext(path)
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        // What the program has must be the program's: a second copy of an interface is another interface.
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            try
            {
                return Default.LoadFromAssemblyName(assemblyName);
            }
            catch (FileNotFoundException)
            {
                return _resolver.ResolveAssemblyToPath(assemblyName) is { } file ? LoadFromAssemblyPath(file) : null;
            }
        }
    }
}
