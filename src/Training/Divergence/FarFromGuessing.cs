namespace CurvatureActors.Training.Divergence;

/// <summary>
/// A loss that is far above that of guessing and does not come down, seen without any healthy part of the run to compare
/// with. Where guessing says nothing (see <see cref="Guessing.Loss"/>) it is never asked.
/// </summary>
internal sealed class FarFromGuessing(double guessing)
{
    /// <summary>Multiples of the loss of guessing.</summary>
    internal const double Multiple = 20;

    /// <summary>Steps without a fall by a fifth, those of a warmup left out.</summary>
    internal const int Patience = 100;
    private const double Progress = 0.8;

    /// <summary>What is remembered.</summary>
    internal FarFromGuessingState State { get; set; } = new();

    /// <summary>The last step that was not that far up; 0 when all were.</summary>
    internal int Onset(int step) => Math.Max(0, step - State.Above);

    /// <summary>Takes in the smoothed loss of the next step.</summary>
    internal bool Add(double average, bool warmingUp)
    {
        FarFromGuessingState s = State;
        if (!(average > Multiple * guessing))
        {
            (s.Above, s.Waited, s.Mark) = (0, 0, 0);
            return false;
        }

        s.Above++;
        bool progress = s.Mark <= 0 || average < Progress * s.Mark;
        (s.Mark, s.Waited) = progress ? (average, 0) : (s.Mark, warmingUp ? s.Waited : s.Waited + 1);
        return s.Waited >= Patience;
    }
}

/// <summary>What <see cref="FarFromGuessing"/> remembers.</summary>
internal sealed class FarFromGuessingState
{
    /// <summary>Steps running that far up.</summary>
    public int Above { get; set; }

    /// <summary>Steps since the last fall.</summary>
    public int Waited { get; set; }

    /// <summary>The smoothed loss then; 0 when it is not that far up.</summary>
    public double Mark { get; set; }
}
