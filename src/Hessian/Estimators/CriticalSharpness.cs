namespace CurvatureActors.Hessian.Estimators;

/// <summary>
/// 2/eta_c, where eta_c is the smallest step along the optimizer's own update that raises the loss (arXiv 2601.16979):
/// the curvature that matters for the next step, from forward passes alone. On a quadratic with gradient g and step
/// -eta u it is u'Hu / u'g.
/// </summary>
public sealed record CriticalSharpness
{
    private const double Precision = 1.0 / 16;
    private const int MostDoublings = 60;

    /// <summary>2 over the middle of the bracket; NaN when there is none.</summary>
    public required double Value { get; init; }

    /// <summary>The largest step tried that did not raise the loss; 0 when each did.</summary>
    public required double LowerStep { get; init; }

    /// <summary>The smallest step tried that raised the loss; infinite when none did.</summary>
    public required double UpperStep { get; init; }

    /// <summary>Whether eta_c is bracketed to the precision, 1 - lower/upper below 1/16.</summary>
    public required bool Converged { get; init; }

    /// <summary>Evaluations of the loss, the one at step 0 included.</summary>
    public required int Evaluations { get; init; }

    /// <summary>Doubles or halves from a first guess until eta_c is bracketed, then bisects.</summary>
    /// <param name="lossAt">The loss after a step of this length along the update; a value that is not finite counts as raised.</param>
    /// <param name="guess">Where to begin, such as the last eta_c or the learning rate; finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The guess is out of range.</exception>
    public static CriticalSharpness Search(Func<double, double> lossAt, double guess)
    {
        ArgumentNullException.ThrowIfNull(lossAt);
        if (!(guess > 0) || !double.IsFinite(guess))
        {
            throw new ArgumentOutOfRangeException(nameof(guess), guess, "The first step must be finite and above 0.");
        }

        double before = lossAt(0);
        int evaluations = 1;
        bool Raises(double step)
        {
            evaluations++;
            return !(lossAt(step) <= before);
        }

        double lower = 0;
        double upper = double.PositiveInfinity;
        double step = guess;
        for (int i = 0; i <= MostDoublings && (lower == 0 || double.IsInfinity(upper)); i++)
        {
            if (Raises(step))
            {
                upper = step;
                step /= 2;
            }
            else
            {
                lower = step;
                step *= 2;
            }
        }

        bool bracketed = lower > 0 && double.IsFinite(upper);
        while (bracketed && 1 - (lower / upper) >= Precision)
        {
            double middle = (lower + upper) / 2;
            (lower, upper) = Raises(middle) ? (lower, middle) : (middle, upper);
        }

        return new CriticalSharpness
        {
            Value = bracketed ? 4 / (lower + upper) : double.NaN,
            LowerStep = lower,
            UpperStep = upper,
            Converged = bracketed,
            Evaluations = evaluations,
        };
    }
}
