namespace CurvatureActors.Training.Divergence;

/// <summary>
/// What a network reaches that has learned nothing but how frequent the labels are: the worst that training may end at.
/// </summary>
/// <param name="Loss">
/// Its mean loss, at least 0; infinite where there is nothing to guess (no labels, or one only), so that no loss is as bad.
/// </param>
/// <param name="Accuracy">Share of the most frequent label, in [0, 1]; 0 without labels.</param>
public sealed record Guessing(double Loss, double Accuracy)
{
    /// <summary>
    /// With the shares p of the labels, cross-entropy: their entropy -sum p ln p, in nats (of a text: that of its symbols).
    /// mse: the mean over examples and outputs of (one-hot - p)^2, which is (1 - sum p^2)/C. output: infinite.
    /// </summary>
    /// <param name="loss">Registered loss.</param>
    /// <param name="labelCounts">
    /// How often each of the C classes is a target of the training data; empty where nothing is classified.
    /// </param>
    /// <exception cref="ArgumentException">Nothing is known of guessing for this loss.</exception>
    public static Guessing Of(string loss, IReadOnlyList<long> labelCounts)
    {
        ArgumentNullException.ThrowIfNull(labelCounts);
        double total = labelCounts.Sum();
        double[] shares = [.. labelCounts.Where(count => count > 0).Select(count => count / total)];
        double mean = loss switch
        {
            "cross-entropy" => -shares.Sum(p => p * Math.Log(p)),
            "mse" => (1 - shares.Sum(p => p * p)) / labelCounts.Count,
            "output" => double.PositiveInfinity,
            _ => throw new ArgumentException(
                $"The loss of guessing is not known for \"{loss}\"; known are cross-entropy, mse, output."),
        };
        return new(shares.Length > 1 ? mean : double.PositiveInfinity, shares.Length > 0 ? shares.Max() : 0);
    }

    /// <summary>Of labels that are all equally frequent: ln C and (C - 1)/C^2, accuracy 1/C.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Of"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 classes.</exception>
    public static Guessing Uniform(string loss, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        return Of(loss, [.. Enumerable.Repeat(1L, classes)]);
    }

    /// <summary>
    /// The accuracy at which a network knows more than the frequencies: the factor times that of guessing, but where one
    /// label makes up most of the data that is more than all; there it is enough to make 1/factor of the errors of guessing.
    /// </summary>
    /// <param name="factor">Above 1.</param>
    public double AccuracyAbove(double factor) => Math.Min(factor * Accuracy, 1 - ((1 - Accuracy) / factor));
}
