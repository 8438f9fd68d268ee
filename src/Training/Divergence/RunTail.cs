using System.Text.Json;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// The last steps of a run as a mean with its noise, and what they are to be compared with: the best that it ever was, and
/// whether it was thrown. That is when the smoothed loss rises to twice the first loss, or twice that of guessing where that is
/// more, or a single one to a hundred times; it is over once the loss is under half of guessing. In means and noise
/// a loss counts no higher than five deviations above the median, these from the absolute ones about it: a few spikes are neither
/// the level nor the noise.
/// </summary>
internal sealed class RunTail(double guessing)
{
    /// <summary>Steps that the end is made of, at most.</summary>
    internal const int Length = 40;

    /// <summary>Steps that it takes at least, and whose mean is compared with those before.</summary>
    internal const int Least = 20;

    private const double Calm = 1.1;
    private const double Thrown = 2;
    private const double ThrownAtOnce = 100;
    private const double Recovered = 0.5;
    private const double FallDeviations = 4;
    private const double CutDeviations = 5;

    /// <summary>Standard deviation of a normal distribution in median absolute deviations.</summary>
    private const double NormalDeviation = 1.4826;

    /// <summary>The highest autocorrelation that so few steps can show.</summary>
    private const double MostCorrelated = 0.95;

    /// <summary>What is remembered.</summary>
    internal RunTailState State { get; private set; } = new();

    /// <summary>Steps that the end is made of.</summary>
    internal int Count => State.Losses.Length;

    /// <summary>Whether there is enough to judge by.</summary>
    internal bool Known => Count >= Least;

    /// <summary>Mean loss of the last steps, spikes cut off.</summary>
    internal double Loss => Cut(Count).Average();

    /// <summary>Median of the last twenty losses.</summary>
    internal double Median => NoiseEstimate.Median(Last(Least));

    /// <summary>Mean accuracy of the last steps.</summary>
    internal double Accuracy => State.Accuracies.Average();

    /// <summary>Standard deviation of the last single losses about their trend, from the differences of neighbours.</summary>
    internal double Deviation
    {
        get
        {
            double[] losses = Cut(Least);
            double sum = 0;
            for (int i = 1; i < Least; i++)
            {
                double change = losses[i - 1] - losses[i];
                sum += change * change;
            }

            return Math.Sqrt(sum / (2 * (Least - 1)));
        }
    }

    /// <summary>
    /// Whether the last twenty steps, or all that are remembered, have a mean loss above a level by more than so many of its
    /// standard deviations, for which neighbours count as correlated as they are.
    /// </summary>
    internal bool IsAbove(double level, double deviations) =>
        IsAbove(level, deviations, Least) || IsAbove(level, deviations, Count);

    /// <summary>Whether the later half is below the earlier one by more than noise, and by more than one per cent of guessing.</summary>
    internal bool Falling => FallsFrom(double.PositiveInfinity);

    /// <summary>The same, where what it falls from counts no higher than guessing: the way back down from a throw is no learning.</summary>
    internal bool FallingBelowGuessing => FallsFrom(guessing);

    /// <summary>Takes in a step.</summary>
    /// <param name="metrics">Its loss is finite.</param>
    /// <param name="smoothed">The smoothed loss with it.</param>
    /// <param name="first">The first loss of all.</param>
    internal void Add(in StepMetrics metrics, double smoothed, double first)
    {
        RunTailState s = State;
        if (Count < Length)
        {
            (s.Losses, s.Accuracies) = ([.. s.Losses, metrics.Loss], [.. s.Accuracies, metrics.Accuracy]);
        }
        else
        {
            (s.Losses[s.Next], s.Accuracies[s.Next]) = (metrics.Loss, metrics.Accuracy);
            s.Next = (s.Next + 1) % Length;
        }

        double usual = Math.Max(first, guessing);
        s.CalmStep = smoothed <= Calm * usual ? metrics.Step : s.CalmStep;
        s.ThrownFrom ??= smoothed > Thrown * usual || metrics.Loss > ThrownAtOnce * usual ? s.CalmStep : null;
        if (Count < Least)
        {
            return;
        }

        double mean = Last(Least).Average();
        (s.Best, s.BestStep) = mean < (s.Best ?? double.PositiveInfinity) ? (mean, metrics.Step) : (s.Best, s.BestStep);
        s.ThrownFrom = mean < Recovered * guessing ? null : s.ThrownFrom;
    }

    /// <summary>Takes over a state.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    internal void Load(RunTailState state)
    {
        int count = state.Losses.Length;
        State = count <= Length && state.Accuracies.Length == count && state.Next >= 0 && state.Next <= (count < Length ? 0 : Length - 1)
            ? state
            : throw new JsonException($"{count} last losses with {state.Accuracies.Length} accuracies, the next at {state.Next}, are no state.");
    }

    /// <summary>The loss so many steps ago.</summary>
    private double Back(int steps) => State.Losses[(State.Next - 1 - steps + (2 * Count)) % Count];

    /// <summary>The last losses, the very last one first.</summary>
    private double[] Last(int count)
    {
        double[] losses = new double[count];
        for (int i = 0; i < count; i++)
        {
            losses[i] = Back(i);
        }

        return losses;
    }

    /// <summary>The same, none higher than five deviations above their median.</summary>
    private double[] Cut(int count)
    {
        double[] losses = Last(count);
        double median = NoiseEstimate.Median([.. losses]);
        double[] off = [.. losses.Select(loss => Math.Abs(loss - median))];
        double most = median + (CutDeviations * NormalDeviation * NoiseEstimate.Median(off));
        return [.. losses.Select(loss => Math.Min(loss, most))];
    }

    private bool FallsFrom(double most)
    {
        int half = Count / 2;
        double[] losses = Cut(Count);
        (double later, double earlier) = (losses.Take(half).Average(), losses.Skip(half).Take(half).Average());
        double noise = Math.Sqrt(2.0 / half) * Deviation;
        return Math.Min(earlier, most) - later > Math.Max(FallDeviations * noise, 0.01 * guessing);
    }

    private bool IsAbove(double level, double deviations, int count)
    {
        double[] losses = Cut(count);
        double mean = losses.Average();
        (double variance, double covariance, double last) = (0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            double off = losses[i] - mean;
            variance += off * off;
            covariance += i > 0 ? off * last : 0;
            last = off;
        }

        double correlation = variance > 0 ? Math.Clamp(covariance / variance, 0, MostCorrelated) : 0;
        double noise = Math.Sqrt(variance * (1 + correlation) / (1 - correlation)) / count;
        return mean > level + (deviations * noise);
    }
}

/// <summary>What <see cref="RunTail"/> remembers.</summary>
internal sealed class RunTailState
{
    /// <summary>The last losses, in order until there are forty, then in a ring.</summary>
    public double[] Losses { get; set; } = [];

    /// <summary>Their accuracies.</summary>
    public double[] Accuracies { get; set; } = [];

    /// <summary>Where the next one goes once there are forty; 0 before.</summary>
    public int Next { get; set; }

    /// <summary>The lowest mean loss of twenty steps; null before there are so many.</summary>
    public double? Best { get; set; }

    /// <summary>The last of these.</summary>
    public int BestStep { get; set; }

    /// <summary>The last step with a loss no higher than usual.</summary>
    public int CalmStep { get; set; }

    /// <summary>What that was when the run was thrown; null when it was not, or is over it.</summary>
    public int? ThrownFrom { get; set; }
}
