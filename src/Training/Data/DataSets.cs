using System.Collections.Concurrent;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>The data sets by name, each loaded once in a process and shared.</summary>
public static class DataSets
{
    /// <summary>The configuration key of the folder, for error messages.</summary>
    public const string DirectoryKey = "curvature.data.directory";

    /// <summary>The configuration key of the number of classes, for error messages.</summary>
    public const string ClassesKey = "curvature.data.classes";

    private const string ShippedName = "fashion-mnist-small";
    private const string ShippedTextName = "paradise-lost";

    private static readonly ConcurrentDictionary<(DataSpecification, string Device), Lazy<DataSplit>> Loaded = new();

    /// <summary>Where the files of <c>fashion-mnist-small</c> lie beside the program.</summary>
    public static string ShippedDirectory { get; } = Path.Combine(AppContext.BaseDirectory, "data", ShippedName);

    /// <summary>Where the file of <c>paradise-lost</c> lies beside the program.</summary>
    public static string ShippedTextDirectory { get; } = Path.Combine(AppContext.BaseDirectory, "data", ShippedTextName);

    /// <summary>Name to reader; a reader looks at folder and number of classes.</summary>
    public static Registry<Func<DataSpecification, IExampleSource>> All { get; } = new(
        "data set",
        (ShippedName, data => IdxReader.Read(
            data.Directory ?? ShippedDirectory,
            KnownClasses(ShippedName),
            home: "https://github.com/zalandoresearch/fashion-mnist (the subset comes with the program)")),
        ("idx", data => IdxReader.Read(Required(data), data.Classes)),
        ("cifar-10", data => CifarReader.Read(Required(data), CifarLayout.Cifar10)),
        ("cifar-100", data => CifarReader.Read(Required(data), CifarLayout.Cifar100)),
        (ShippedTextName, data => TextSource.Read(
            data.Directory ?? ShippedTextDirectory, home: "the program's own package (it comes with the program)")),
        ("text", data => TextSource.Read(Required(data))),
        ("synthetic", _ => new SyntheticSource()));

    // How earlier versions read what this one reads otherwise, so that their runs go on: every set in MNIST's format had ten
    // classes, whatever its labels, and a text's symbols were UTF-16 units. The digest of the content tells which it was.
    private static readonly Dictionary<string, Func<string, IExampleSource>> Earlier = new()
    {
        ["idx"] = directory => IdxReader.Read(directory, classes: 10),
        ["text"] = directory => TextSource.ReadUnits(directory),
    };

    /// <summary>Whether a data set is one of files that do not ship with the program.</summary>
    public static bool NeedsDirectory(string name) => name is not (ShippedName or ShippedTextName or "synthetic");

    /// <summary>What the examples of a data set are.</summary>
    public static ExampleKind KindOf(string name) => name switch
    {
        ShippedTextName or "text" => ExampleKind.Texts,
        "synthetic" => ExampleKind.Vectors,
        _ => ExampleKind.Images,
    };

    /// <summary>The shape of the examples where the specification tells it; null where only the files do.</summary>
    public static ExampleShape? KnownShape(DataSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return specification.Name switch
        {
            ShippedName => new ImageShape(1, 28, 28),
            "cifar-10" or "cifar-100" => new ImageShape(3, 32, 32),
            ShippedTextName or "text" => new SequenceShape(specification.SequenceLength ?? TextSource.DefaultLength),
            "synthetic" => new VectorShape(specification.Dimension ?? 1),
            _ => null,
        };
    }

    /// <summary>The number of classes where the name tells it; null where only the files do.</summary>
    public static int? KnownClasses(string name) => name switch
    {
        ShippedName => 10,
        "cifar-10" => CifarLayout.Cifar10.Classes,
        "cifar-100" => CifarLayout.Cifar100.Classes,
        _ => null,
    };

    /// <summary>
    /// The data set of a specification, on the CPU or a device. Equal specifications get the same object, from any
    /// thread; its tensors are read only and live as long as the process. What failed is tried again.
    /// </summary>
    /// <remarks>
    /// Normalisation of images is by the per-channel mean and standard deviation of the whole training file, before
    /// <see cref="DataSpecification.TrainExamples"/> cuts it: a limit changes how many images there are, not what
    /// they look like. Test images are normalised with the same numbers.
    /// </remarks>
    /// <param name="specification">Name, folder and limits.</param>
    /// <param name="device">Where the tensors lie; null for the CPU.</param>
    /// <exception cref="ArgumentException">The name is unknown or a limit is out of range.</exception>
    /// <exception cref="DataSetException">The files are missing or damaged, or no folder is given.</exception>
    public static DataSplit Load(DataSpecification specification, torch.Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(specification);
        // All slots of a CPU share one memory; the same folder has many spellings.
        string place = device is null || device.type == DeviceType.CPU ? "cpu" : device.ToString();
        DataSpecification key = string.IsNullOrEmpty(specification.Directory)
            ? specification with { Directory = null }
            : specification with { Directory = Path.GetFullPath(specification.Directory) };

        var fresh = new Lazy<DataSplit>(() => LoadAnew(key, torch.device(place)));
        Lazy<DataSplit> entry = Loaded.GetOrAdd((key, place), fresh);
        try
        {
            return entry.Value;
        }
        catch
        {
            Loaded.TryRemove(new((key, place), entry));
            throw;
        }
    }

    /// <summary>
    /// SHA-256 of the content of a specification's folder, number of classes included, for <see cref="DataSpecification.Sha256"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    /// <exception cref="DataSetException">The files are missing or damaged.</exception>
    public static string Fingerprint(DataSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return All[specification.Name](specification).Sha256();
    }

    private static DataSplit LoadAnew(DataSpecification specification, torch.Device device)
    {
        CheckAtLeastOne("train", specification.TrainExamples);
        CheckAtLeastOne("test", specification.TestExamples);
        if (Planned(specification) is not { } files)
        {
            throw new DataSetException(
                $"The files in {specification.Directory} are not those that the run was planned with; "
                + "put those back, or start an experiment with the new ones.");
        }

        return files.Prepare(specification, device);
    }

    /// <summary>The files, if they are those that the specification was made with; null otherwise.</summary>
    private static IExampleSource? Planned(DataSpecification specification)
    {
        Func<DataSpecification, IExampleSource> read = All[specification.Name];
        if (specification.Sha256 is not { } expected)
        {
            return read(specification);
        }

        DataSetException? refused = null;
        try
        {
            IExampleSource files = read(specification);
            if (files.Sha256() == expected)
            {
                return files;
            }
        }
        catch (DataSetException error)
        {
            refused = error;
        }

        if (specification.Classes is null && Earlier.TryGetValue(specification.Name, out Func<string, IExampleSource>? readAsBefore))
        {
            try
            {
                IExampleSource old = readAsBefore(Required(specification));
                if (old.Sha256() == expected)
                {
                    return old;
                }
            }
            catch (DataSetException)
            {
                // The message that follows is the better one.
            }
        }

        return refused is null ? null : throw refused;
    }

    private static string Required(DataSpecification data) => data.Directory
        ?? throw new DataSetException($"The data set \"{data.Name}\" needs the folder of its files in {DirectoryKey}.");

    private static void CheckAtLeastOne(string part, int? limit)
    {
        if (limit < 1)
        {
            throw new ArgumentException($"curvature.data.{part}-examples is {limit}; it must be at least 1.");
        }
    }
}
