namespace CurvatureActors.Training.Data;

/// <summary>
/// How a CIFAR binary set lies on disk: files of records, one byte for each label (the last one counts) and
/// 3 x 32 x 32 bytes, red plane, green plane, blue plane, row by row.
/// </summary>
public sealed record CifarLayout
{
    /// <summary>Where both sets are to be had.</summary>
    public const string Home = "https://www.cs.toronto.edu/~kriz/cifar.html";

    /// <summary>CIFAR-10: 50,000 training images in five files, 10,000 test images, 10 classes.</summary>
    public static CifarLayout Cifar10 { get; } = new()
    {
        Archive = "cifar-10-binary.tar.gz",
        Folder = "cifar-10-batches-bin",
        TrainFiles = ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        TestFile = "test_batch.bin",
        TrainRecords = 10_000,
        TestRecords = 10_000,
        LabelClasses = [10],
    };

    /// <summary>CIFAR-100: 50,000 training and 10,000 test images; a coarse label, then the fine one of 100 classes.</summary>
    public static CifarLayout Cifar100 { get; } = new()
    {
        Archive = "cifar-100-binary.tar.gz",
        Folder = "cifar-100-binary",
        TrainFiles = ["train.bin"],
        TestFile = "test.bin",
        TrainRecords = 50_000,
        TestRecords = 10_000,
        LabelClasses = [20, 100],
    };

    /// <summary>The file that <see cref="Home"/> offers.</summary>
    public required string Archive { get; init; }

    /// <summary>The folder inside <see cref="Archive"/>.</summary>
    public required string Folder { get; init; }

    /// <summary>Files of the training images, in order.</summary>
    public required IReadOnlyList<string> TrainFiles { get; init; }

    /// <summary>File of the test images.</summary>
    public required string TestFile { get; init; }

    /// <summary>Images of each training file.</summary>
    public required int TrainRecords { get; init; }

    /// <summary>Images of the test file.</summary>
    public required int TestRecords { get; init; }

    /// <summary>For each label before an image the number of its classes; the last label is the one that counts.</summary>
    public required IReadOnlyList<int> LabelClasses { get; init; }

    /// <summary>Number of classes of the label that counts.</summary>
    public int Classes => LabelClasses[^1];
}
