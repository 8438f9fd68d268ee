namespace CurvatureActors.Training.Data;

/// <summary>Which labels a data set's files may hold: those from <paramref name="First"/> on, one for each class.</summary>
/// <param name="First">The label of class 0.</param>
/// <param name="Classes">Number of classes, at least 2.</param>
internal sealed record LabelRange(int First, int Classes)
{
    private int Last => First + Classes - 1;

    /// <summary>
    /// With a number of classes: from 0, or from 1 where there is no label 0 and the last one is that number (EMNIST's
    /// letters). Without: from the smallest to the largest label of the training images.
    /// </summary>
    /// <param name="training">The labels of the training images, at least one.</param>
    /// <param name="classes">Number of classes; null when the labels decide.</param>
    /// <param name="path">The file of the labels, for the error.</param>
    /// <param name="home">Where the data set is to be had.</param>
    /// <exception cref="DataSetException">All labels are the same, so there is nothing to learn.</exception>
    public static LabelRange Of(ReadOnlySpan<byte> training, int? classes, string path, string home)
    {
        byte smallest = byte.MaxValue;
        byte largest = 0;
        foreach (byte label in training)
        {
            smallest = Math.Min(smallest, label);
            largest = Math.Max(largest, label);
        }

        if (smallest == largest)
        {
            throw DataSetException.Damaged(
                path, "at least two different labels", $"only the label {smallest} at all {training.Length} images", home);
        }

        return classes is { } number
            ? new(smallest > 0 && largest == number ? 1 : 0, number)
            : new(smallest, largest - smallest + 1);
    }

    /// <summary>Turns labels into classes.</summary>
    /// <param name="labels">As they lie in the file.</param>
    /// <param name="path">That file, for the error.</param>
    /// <param name="hint">What else to say of a label that is not in the range.</param>
    /// <param name="home">Where the data set is to be had.</param>
    /// <exception cref="DataSetException">A label stands for no class.</exception>
    public byte[] Classify(ReadOnlySpan<byte> labels, string path, string hint, string home)
    {
        byte[] classes = new byte[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < First || labels[i] > Last)
            {
                throw DataSetException.Damaged(
                    path, $"labels from {First} to {Last}{hint}", $"label {labels[i]} at image {i}", home);
            }

            classes[i] = (byte)(labels[i] - First);
        }

        return classes;
    }
}
