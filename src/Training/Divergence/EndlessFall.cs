namespace CurvatureActors.Training.Divergence;

/// <summary>
/// A loss that has no lower bound: it falls exponentially, and is already far below where it began. Every doubling of the
/// way down is timed: towards a minimum, or along a straight line, they take longer and longer.
/// </summary>
internal sealed class EndlessFall
{
    /// <summary>Doublings in succession, none taking much longer than those before.</summary>
    private const int Doublings = 10;

    /// <summary>Least way down, in units of the first loss, of the spread of the first five, or of 1, whichever is most.</summary>
    private const double Far = 1000;
    private const double Longer = 1.15;

    /// <summary>What is remembered.</summary>
    internal EndlessFallState State { get; set; } = new();

    /// <summary>The last step before the way down was longer than anything the beginning could tell of.</summary>
    internal int Onset(int step) => Math.Max(0, step - State.Below);

    /// <summary>Takes in the smoothed loss of the next step.</summary>
    internal bool Add(LossLevel level)
    {
        EndlessFallState s = State;
        double unit = Math.Max(Math.Max(Math.Abs(level.Start), level.Spread), 1);
        double way = level.Start - level.Average;
        s.Below = way > unit ? s.Below + 1 : 0;
        s.Steps++;
        double mark = Math.Max(s.Mark, 1e-3 * unit);
        if (way >= 2 * mark)
        {
            bool first = s.Mark <= 0;
            s.Count = !first && s.Steps <= (Longer * s.Longest) + 1 ? s.Count + 1 : 1;
            s.Longest = s.Count == 1 ? s.Steps : Math.Max(s.Longest, s.Steps);
            s.Mark = way;
            s.Steps = 0;
        }

        return s.Count >= Doublings && way > Far * unit;
    }
}

/// <summary>What <see cref="EndlessFall"/> remembers.</summary>
internal sealed class EndlessFallState
{
    /// <summary>Way down at the last doubling; 0 before the first.</summary>
    public double Mark { get; set; }

    /// <summary>Steps since then.</summary>
    public int Steps { get; set; }

    /// <summary>The longest time that a doubling of the present series took, in steps.</summary>
    public int Longest { get; set; }

    /// <summary>Doublings of the present series.</summary>
    public int Count { get; set; }

    /// <summary>Steps running further down than the unit.</summary>
    public int Below { get; set; }
}
