namespace CurvatureActors.Training.Data;

/// <summary>How many examples of a part are used.</summary>
internal static class ExampleLimit
{
    /// <summary>The wanted number, or all.</summary>
    /// <param name="part">"train" or "test".</param>
    /// <param name="wanted">The limit of the specification; null for all.</param>
    /// <param name="available">How many there are.</param>
    /// <param name="name">The data set.</param>
    /// <param name="what">What the examples are ("images").</param>
    /// <exception cref="ArgumentException">There are not so many.</exception>
    public static int Of(string part, int? wanted, int available, string name, string what) => wanted is int limit
        ? limit <= available
            ? limit
            : throw new ArgumentException(
                $"curvature.data.{part}-examples is {limit}; \"{name}\" has only {available} {part} {what}.")
        : available;
}
