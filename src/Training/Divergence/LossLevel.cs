namespace CurvatureActors.Training.Divergence;

/// <summary>
/// How high a loss stands above what the run has reached: (loss - reference)/scale + 1, which is 1 at the reference. The
/// scale never changes its sign, so it is the same measure for losses above, below and across zero.
/// </summary>
/// <remarks>
/// <para>Smoothed loss: a &lt;- 0.8 a + 0.2 loss, the loss cut off at five times the present level, so that one outlier
/// cannot double it, and as far below.</para>
/// <para>Reference: the lowest value of a slower average, which may rise again by <see cref="Drift"/> of the scale a step: what
/// a correlated noise once fell to is no measure for ever. Never above the median of the first five losses, or the loss of
/// guessing where that is more.</para>
/// <para>Scale: as long as no loss was below zero, the reference itself, so that the level is a ratio, but not less than a
/// tenth of the loss of guessing, or of the first losses where guessing says nothing: near zero, a loss doubles many times over
/// without harm. After that the way from the first losses to the reference, or four times the usual change from one step
/// to the next, whichever is more.</para>
/// </remarks>
internal sealed class LossLevel(double guessing)
{
    private const double Fast = 0.2;
    private const double Slow = 0.05;
    private const double Cut = 5;
    private const double Drift = 0.002;
    private const int FirstLosses = 5;
    private const int Many = 20;
    private const double MostLag = 2;
    private const double FloorFraction = 0.1;
    private const double NoiseMultiple = 4;
    private const double OffsetFraction = 0.05;

    /// <summary>What is remembered.</summary>
    internal LossLevelState State { get; set; } = new();

    /// <summary>Whether there is anything to compare with yet.</summary>
    internal bool Started => State.First.Length > 0;

    /// <summary>The smoothed loss.</summary>
    internal double Average => State.Average;

    /// <summary>Median of the first losses, at most five.</summary>
    internal double Start => State.Start;

    /// <summary>What levels are taken from.</summary>
    internal double Reference { get; private set; }

    /// <summary>What levels are multiples of, beside one; above 0.</summary>
    internal double Scale { get; private set; }

    /// <summary>Greatest difference between the first losses.</summary>
    internal double Spread => State.First.Length == 0 ? 0 : Span(State.First);

    /// <summary>Usual change of the loss from one step to the next, in units of the loss.</summary>
    internal double Noise => State.Noise;

    /// <summary>The level of a loss; 1 or less at or under the reference.</summary>
    internal double Of(double loss) => 1 + ((loss - Reference) / Scale);

    /// <summary>Takes in the next loss.</summary>
    /// <param name="loss">It; what is not a number counts as the worst that there is.</param>
    /// <param name="healthy">Whether the step before was: what belongs to a rise is no sample of the noise.</param>
    /// <returns>The loss, cut off.</returns>
    internal double Add(double loss, bool healthy)
    {
        LossLevelState s = State;
        if (!Started)
        {
            s.Average = s.Slow = s.Last = s.Low = loss;
            s.Signed = loss < 0;
            s.Seen = 1;
        }
        else
        {
            double level = Math.Max(1, Of(s.Average));
            double most = Reference + (Scale * ((Cut * level) - 1));
            double least = s.Average - ((Cut - 1) * Math.Max(Scale * level, s.Start - s.Average));
            loss = loss < most ? Math.Max(loss, least) : most;
            // Plain means until there are enough for the averages: one batch is no beginning.
            s.Seen = Math.Min(s.Seen + 1, Many);
            s.Average += Math.Max(Fast, 1.0 / s.Seen) * (loss - s.Average);
            s.Slow += Math.Max(Slow, 1.0 / s.Seen) * (loss - s.Slow);

            // After an enormous first loss the slow average would come down too late.
            s.Slow = Math.Min(s.Slow, s.Signed ? s.Average + (MostLag * Scale) : (1 + MostLag) * s.Average);
            s.Signed |= loss < 0;
        }

        double change = Math.Abs(loss - s.Last);
        s.Last = loss;
        if (s.First.Length < FirstLosses)
        {
            s.First = [.. s.First, loss];
            s.Start = NoiseEstimate.Median([.. s.First]);
            s.Noise = Math.Max(s.Noise, change / 2);
        }
        else if (healthy)
        {
            s.Noise += Slow * (change - s.Noise);
        }

        // A jump in the first steps is no beginning either, so the first loss bounds it, unless it is a lucky one.
        double first = double.IsFinite(guessing) ? Math.Max(s.First[0], guessing) : s.First[0];
        double ceiling = double.IsFinite(guessing) ? Math.Max(s.Start, guessing) : s.Start;
        s.Low = s.First.Length < FirstLosses ? Math.Min(s.Start, first) : Math.Min(Math.Min(s.Low + (Drift * Scale), s.Slow), ceiling);
        Refresh();
        return loss;
    }

    /// <summary>Takes over a state.</summary>
    internal void Load(LossLevelState state)
    {
        State = state;
        if (Started)
        {
            Refresh();
        }
    }

    private static double Span(double[] values)
    {
        (double least, double most) = (values[0], values[0]);
        foreach (double value in values)
        {
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }

        return most - least;
    }

    private void Refresh()
    {
        LossLevelState s = State;
        double tiny = 1e-30;
        if (s.Signed)
        {
            Reference = s.Low;
            Scale = Math.Max(Math.Max(s.Start - s.Low, NoiseMultiple * s.Noise), Math.Max(OffsetFraction * Math.Abs(s.Low), tiny));
        }
        else
        {
            Reference = Scale = Math.Max(Math.Max(s.Low, FloorFraction * (double.IsFinite(guessing) ? guessing : s.Start)), tiny);
        }
    }
}

/// <summary>What <see cref="LossLevel"/> remembers.</summary>
internal sealed class LossLevelState
{
    /// <summary>The first losses, at most five, cut off.</summary>
    public double[] First { get; set; } = [];

    /// <summary>Their median.</summary>
    public double Start { get; set; }

    /// <summary>The smoothed loss.</summary>
    public double Average { get; set; }

    /// <summary>The slowly smoothed loss.</summary>
    public double Slow { get; set; }

    /// <summary>The lowest of that, drifting up.</summary>
    public double Low { get; set; }

    /// <summary>The last loss, cut off.</summary>
    public double Last { get; set; }

    /// <summary>Average change of the loss from one step to the next.</summary>
    public double Noise { get; set; }

    /// <summary>Losses so far, counted up to 20.</summary>
    public int Seen { get; set; }

    /// <summary>Whether any loss was below zero.</summary>
    public bool Signed { get; set; }
}
