namespace CurvatureActors.Training.Initialisation;

/// <summary>How many inputs an output of a weight [outputs, inputs, ...] sums over, and outputs an input goes to.</summary>
/// <param name="In">inputs * kernel; 1 for a vector.</param>
/// <param name="Out">outputs * kernel.</param>
internal readonly record struct Fans(long In, long Out)
{
    public static Fans Of(ReadOnlySpan<long> shape)
    {
        long fanIn = 1;
        foreach (long extent in shape[1..])
        {
            fanIn *= extent;
        }

        return new(fanIn, shape.Length < 2 ? shape[0] : shape[0] * (fanIn / shape[1]));
    }
}
