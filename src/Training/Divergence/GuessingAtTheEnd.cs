using System.Globalization;

namespace CurvatureActors.Training.Divergence;

/// <summary>
/// Whether a run that has made its last step ends no better than guessing, and what says that this is ruin and not want of time:
/// it ends above where it began or above what it had reached, it was thrown and did not come back, or it had
/// <see cref="Specification.DetectionSpecification.SilentFailureAfter"/> steps. Both the evaluation and the last steps of the
/// training must be bad: an evaluation alone may be one of running statistics that are still those of the initialisation,
/// or of a network that has learned its examples by heart; training alone may be dropout.
/// </summary>
internal sealed class GuessingAtTheEnd(Guessing guessing, double chanceFactor, int after)
{
    private const double Deviations = 3;

    /// <summary>A loss below this part of guessing is no longer that of a network that only guesses.</summary>
    private const double Margin = 0.01;

    /// <summary>The same for one that was thrown.</summary>
    private const double MarginThrown = 0.1;

    /// <summary>A thrown network has come back when its loss in training is this far below guessing, whatever the test says.</summary>
    private const double MarginBack = 0.25;

    /// <summary>The same for one whose accuracy is that of guessing and that has long ceased to fall.</summary>
    private const double MarginStalled = 0.05;

    /// <summary>Part of guessing's errors that a network avoids whose loss is no measure of what it has learned.</summary>
    private const double Learned = 1 / 3.0;

    /// <param name="end">The end.</param>
    /// <param name="tail">The last steps, and what they are compared with; known.</param>
    /// <param name="first">The first loss.</param>
    /// <param name="learned">The last step at which more was known than guessing; 0 when it never was.</param>
    /// <param name="slow">Whether it is learning, only slowly.</param>
    /// <param name="warmingUp">Whether the rate is still on its way up.</param>
    /// <returns>What was found, null when nothing was.</returns>
    internal DivergenceFinding? Judge(in RunEnd end, RunTail tail, double first, int learned, bool slow, bool warmingUp)
    {
        (int step, double loss, double accuracy) = end.Evaluation;
        double level = guessing.Loss;
        double testNoise = Deviations * tail.Deviation * end.Precision;
        double chance = Math.Sqrt(guessing.Accuracy * (1 - guessing.Accuracy) / end.Targets);
        bool falling = tail.Falling;
        bool Both(double margin) => loss > (1 - margin) * level && tail.Loss > (1 - margin) * level;

        bool worse = loss > level + testNoise;
        if (worse && tail.IsAbove(level, Deviations))
        {
            if (tail.State.Best < level - (Deviations * tail.Deviation / Math.Sqrt(RunTail.Least)))
            {
                return Found(
                    $"it had been at {tail.State.Best:G4}", tail.State.ThrownFrom ?? Math.Min(tail.State.BestStep, tail.State.CalmStep));
            }

            // The first loss is that of a single batch, with noise in proportion.
            if (tail.IsAbove(first + (Deviations * tail.Deviation * Math.Min(1, first / tail.Loss)), Deviations))
            {
                return Found($"it began at {first:G4}", tail.State.ThrownFrom ?? tail.State.CalmStep);
            }
        }

        if (tail.State.ThrownFrom is { } thrown && accuracy < guessing.Accuracy + (Learned * (1 - guessing.Accuracy)))
        {
            // What was thrown has to show that it is back: being no better than guessing needs no proof against noise.
            bool atChance = accuracy < guessing.Accuracy + (Deviations * chance);
            bool noBetter = loss > level && tail.Median >= level && (loss > first || atChance);
            bool back = tail.Loss < (1 - MarginBack) * level || (falling && tail.Loss < level);
            bool comes = atChance ? tail.FallingBelowGuessing : falling;
            if (noBetter || (worse && !back) || (Both(MarginThrown) && !comes))
            {
                return Found($"its loss was thrown up after step {thrown} and has not come back", thrown);
            }
        }

        if (step < after || warmingUp || slow || falling)
        {
            return null;
        }

        bool learns = accuracy > guessing.Accuracy + (Deviations * chance) && loss < level - testNoise;
        if (accuracy < guessing.AccuracyAbove(chanceFactor) && Both(Margin) && !learns)
        {
            return Found($"it had {step} steps", learned);
        }

        return accuracy < guessing.Accuracy + (2 * chance)
            && tail.Accuracy < guessing.AccuracyAbove(chanceFactor)
            && Both(MarginStalled)
            && tail.State.BestStep < step - Math.Max(after / 2, RunTail.Length)
            ? Found($"it was no better since step {tail.State.BestStep}", 0)
            : null;

        DivergenceFinding Found(string why, int onset) => new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"At the end, step {step}, the loss over the test examples is {loss:G4} and that of the last {tail.Count} steps {tail.Loss:G4}, no better than guessing ({level:G4}), with an accuracy of {accuracy:G3} (guessing gives {guessing.Accuracy:G3}); {why}."),
            Math.Clamp(onset, 0, step));
    }
}
