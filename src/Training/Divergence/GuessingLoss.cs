namespace CurvatureActors.Training.Divergence;

/// <summary>The loss of a network that has learned nothing but that the classes are equally frequent.</summary>
internal static class GuessingLoss
{
    /// <summary>
    /// cross-entropy: ln C, every class equally likely. mse: (C - 1)/C^2, the mean over examples and outputs of
    /// (one-hot - 1/C)^2, which is [(1 - 1/C)^2 + (C - 1)/C^2] / C. output: nothing is guessed, so no loss is as bad as that.
    /// </summary>
    /// <exception cref="ArgumentException">The loss has no entry here.</exception>
    internal static double Of(string loss, int classes) => loss switch
    {
        "cross-entropy" => Math.Log(classes),
        "mse" => (classes - 1) / ((double)classes * classes),
        "output" => double.PositiveInfinity,
        _ => throw new ArgumentException(
            $"The loss of guessing is not known for \"{loss}\"; known are cross-entropy, mse, output."),
    };
}
