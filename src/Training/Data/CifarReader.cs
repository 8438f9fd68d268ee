namespace CurvatureActors.Training.Data;

/// <summary>Reads CIFAR-10 and CIFAR-100 in their binary version.</summary>
public static class CifarReader
{
    private static readonly ImageShape Shape = new(3, 32, 32);

    /// <summary>Reads training and test images.</summary>
    /// <param name="directory">The folder of the files, or the one the archive was unpacked in.</param>
    /// <param name="layout"><see cref="CifarLayout.Cifar10"/>, <see cref="CifarLayout.Cifar100"/> or a variation.</param>
    /// <returns>Both parts; shape 3 x 32 x 32, training files joined in order.</returns>
    /// <exception cref="DataSetException">
    /// A file is missing, cannot be read, is too short or too long, or has a label out of range.
    /// </exception>
    public static ByteSplit Read(string directory, CifarLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        string home = $"{CifarLayout.Home} ({layout.Archive})";
        DataFile.RequireDirectory(directory, $"{layout.TrainFiles[0]} and the other files of the set", home);
        string inside = Path.Combine(directory, layout.Folder);
        string folder = Directory.Exists(inside) ? inside : directory;
        IReadOnlyList<string> files = DataFolder.Find(
            folder,
            [.. layout.TrainFiles.Append(layout.TestFile).Select(name => (string[])[name])],
            packed: false,
            "this file of the binary version",
            "no such file",
            home);
        return new ByteSplit(
            ReadFiles([.. files.SkipLast(1)], layout.TrainRecords, layout, home),
            ReadFiles([files[^1]], layout.TestRecords, layout, home));
    }

    private static ByteImages ReadFiles(
        IReadOnlyList<string> files, int recordsPerFile, CifarLayout layout, string home)
    {
        byte[] pixels = new byte[files.Count * recordsPerFile * Shape.Size];
        byte[] labels = new byte[files.Count * recordsPerFile];
        int labelBytes = layout.LabelClasses.Count;
        int recordBytes = labelBytes + Shape.Size;
        for (int f = 0; f < files.Count; f++)
        {
            string path = files[f];
            int length = recordsPerFile * recordBytes;
            byte[] content = DataFile.Read(path, home, file => DataFile.ReadRest(
                file, path, length, $"{length} bytes ({recordsPerFile} records of {recordBytes})", home, fromStart: true));

            // Labels that are not used are checked all the same: a wrong one means that the file is damaged.
            byte[] fileLabels = new byte[recordsPerFile];
            for (int l = 0; l < labelBytes; l++)
            {
                for (int r = 0; r < recordsPerFile; r++)
                {
                    fileLabels[r] = content[(r * recordBytes) + l];
                }
                DataFile.RequireLabels(path, fileLabels, layout.LabelClasses[l], home);
            }
            fileLabels.CopyTo(labels, f * recordsPerFile);

            for (int r = 0; r < recordsPerFile; r++)
            {
                content.AsSpan((r * recordBytes) + labelBytes, Shape.Size)
                    .CopyTo(pixels.AsSpan(((f * recordsPerFile) + r) * Shape.Size));
            }
        }
        return new ByteImages(pixels, labels, Shape, layout.Classes);
    }
}
