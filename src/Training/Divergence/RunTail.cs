using System.Text.Json;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// The last steps of a run as a mean with its noise, and what they are to be compared with: the best that it ever was, and
/// whether it was thrown. That is when the smoothed loss rises to twice the first loss, or twice that of guessing where that is
/// more; it is over once the loss is under half of guessing.
/// </summary>
internal sealed class RunTail(double guessing)
{
    /// <summary>Steps that the end is made of, at most.</summary>
    internal const int Length = 40;

    /// <summary>Steps that it takes at least, and whose mean is compared with those before.</summary>
    internal const int Least = 20;

    private const double Calm = 1.1;
    private const double Thrown = 2;
    private const double Recovered = 0.5;
    private const double FallDeviations = 4;

    /// <summary>The highest autocorrelation that so few steps can show.</summary>
    private const double MostCorrelated = 0.95;

    /// <summary>What is remembered.</summary>
    internal RunTailState State { get; private set; } = new();

    /// <summary>Steps that the end is made of.</summary>
    internal int Count => State.Losses.Length;

    /// <summary>Whether there is enough to judge by.</summary>
    internal bool Known => Count >= Least;

    /// <summary>Mean loss of the last steps.</summary>
    internal double Loss => Mean(0, Count);

    /// <summary>Mean accuracy of the last steps.</summary>
    internal double Accuracy => State.Accuracies.Average();

    /// <summary>Standard deviation of the last single losses about their trend, from the differences of neighbours.</summary>
    internal double Deviation
    {
        get
        {
            double sum = 0;
            for (int i = 1; i < Least; i++)
            {
                double change = Back(i - 1) - Back(i);
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
    internal bool Falling
    {
        get
        {
            int half = Count / 2;
            (double later, double earlier) = (Mean(0, half), Mean(half, half));
            double noise = Math.Sqrt(2.0 / half) * Deviation;
            return earlier - later > Math.Max(FallDeviations * noise, 0.01 * guessing);
        }
    }

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
        s.ThrownFrom ??= smoothed > Thrown * usual ? s.CalmStep : null;
        if (Count < Least)
        {
            return;
        }

        double mean = Mean(0, Least);
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

    private double Mean(int from, int count)
    {
        double sum = 0;
        for (int i = from; i < from + count; i++)
        {
            sum += Back(i);
        }

        return sum / count;
    }

    private bool IsAbove(double level, double deviations, int count)
    {
        double mean = Mean(0, count);
        (double variance, double covariance, double last) = (0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            double off = Back(i) - mean;
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
