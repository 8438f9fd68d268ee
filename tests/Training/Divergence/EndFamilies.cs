using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using static CurvatureActors.Training.Tests.Divergence.CurveFamilies;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>A kind of run that comes to its end, from which any seed draws a member.</summary>
/// <param name="Name">In words.</param>
/// <param name="Ruined">Whether what comes out is worth nothing because of how it was trained; otherwise it is well, or had no time.</param>
/// <param name="Draw">The member of a seed.</param>
internal sealed record EndFamily(string Name, bool Ruined, Func<Random, EndCurve> Draw);

/// <summary>One run to its end.</summary>
/// <param name="Steps">Its metrics.</param>
/// <param name="End">Its evaluation.</param>
/// <param name="Guessing">What guessing gives on its data.</param>
/// <param name="Onset">The first step in trouble, when there was any.</param>
internal sealed record EndCurve(IReadOnlyList<StepMetrics> Steps, RunEnd End, Guessing Guessing, int? Onset);

/// <summary>
/// Runs of many lengths and how they end. Losses are in multiples of guessing, drawn over ten equal classes with cross-entropy or
/// mean squared error, and over classes of which one makes up 60 %; a test set of 500 and batches of 32.
/// </summary>
internal static class EndFamilies
{
    internal static IReadOnlyList<EndFamily> All { get; } =
    [
        new("decay, of 20 to 600 steps", false, random =>
        {
            Func<int, double> trend = Fall(random, Between(random, 1, 1.6), Between(random, 0.05, 0.5));
            double gap = Between(random, 1, 1.15);
            return Run(random, random.Next(20, 600), trend, step => gap * trend(step), Rising);
        }),
        new("warmup to the end, nothing learned yet", false, random =>
        {
            double level = Between(random, 0.995, 1.1);
            return Run(random, random.Next(20, 500), _ => level, _ => level, _ => 0, warmup: true);
        }),
        new("20 to 199 steps at guessing, never given time", false, random =>
        {
            double level = Between(random, 0.995, 1.1);
            return Run(random, random.Next(20, 199), _ => level, _ => level, _ => 0, noise: 0.05);
        }),
        new("slow: falling by a tenth in 1000 to 3000 steps", false, random =>
        {
            double time = Between(random, 10_000, 30_000);
            double start = Between(random, 1.02, 1.1);
            return Run(random, random.Next(20, 199), step => start * (1 - (step / time)), step => start * (1 - (step / time)), step => step / 6000.0, noise: 0.02);
        }),
        new("running statistics lag: the test is far off", false, random =>
        {
            Func<int, double> trend = Fall(random, Between(random, 1, 1.2), 0.3);
            double off = LogBetween(random, 1.5, 20);
            return Run(random, random.Next(20, 100), trend, _ => off, _ => 0, training: Rising);
        }),
        new("overfitted: the loss over the test is above guessing", false, random =>
        {
            Func<int, double> trend = Fall(random, Between(random, 1, 1.2), 0.01);
            double above = Between(random, 1.05, 3);
            return Run(random, random.Next(300, 900), trend, _ => above, _ => Between(random, 0.4, 0.8), training: Rising);
        }),
        new("random labels learned by heart", false, random =>
        {
            double time = LogBetween(random, 200, 3000);
            return Run(
                random, random.Next(200, 900), step => Math.Exp(-step / time), step => 1 + (1.5 * (1 - Math.Exp(-step / time))), _ => 0,
                training: step => 1 - Math.Exp(-step / time), noise: 0.05);
        }),
        new("strong dropout: training is at guessing, the test is not", false, random =>
        {
            Func<int, double> trend = Fall(random, 1, 0.4);
            return Run(random, random.Next(100, 199), _ => Between(random, 0.98, 1.02), trend, Rising, training: _ => 0.03);
        }),
        new("large initialisation, on its way down", false, random =>
        {
            double start = LogBetween(random, 5, 100);
            double time = LogBetween(random, 10, 60);
            return Run(
                random, random.Next(20, 199), step => 0.5 + ((start - 0.5) * Math.Exp(-step / time)),
                step => 0.5 + ((start - 0.5) * Math.Exp(-step / time)), step => 0.3 * (1 - Math.Exp(-step / time)));
        }),
        new("catapult of 2 to 8 times, over by the end", false, random =>
        {
            int at = random.Next(0, 30);
            int length = random.Next(6, 40);
            double height = LogBetween(random, 2, 8);
            Func<int, double> trend = Fall(random, 1, 0.3, 30, 60);
            double Loss(int step) => trend(step) * (step <= at || step >= at + length
                ? 1 : Math.Pow(height, 1 - Math.Abs((2.0 * (step - at) / length) - 1)));
            return Run(random, at + length + random.Next(60, 200), Loss, Loss, Rising);
        }),
        new("noise of batches of one", false, random =>
        {
            Func<int, double> trend = Fall(random, 1, 0.4);
            return Run(random, random.Next(20, 600), trend, trend, Rising, factor: _ => -Math.Log(1 - random.NextDouble()), batch: 1);
        }),
        new("noise that is correlated over 33 steps", false, random =>
        {
            Func<int, double> trend = Fall(random, 1, 0.4);
            return Run(random, random.Next(20, 600), trend, trend, Rising, factor: Correlated(random, 0.97, 0.4));
        }),
        new("learned, with spikes in the last steps", false, random =>
        {
            // One in two has a batch far off at its start.
            Func<int, double> trend = Fall(random, Between(random, 1, 1.2), Between(random, 0.1, 0.3));
            int length = random.Next(150, 600);
            int far = random.Next(2) == 0 ? random.Next(1, 40) : -1;
            double off = LogBetween(random, 100, 1000);
            Func<int, double> spikes = Spikes(random, length, 2, 10);
            return Run(random, length, step => trend(step) * spikes(step) * (step == far ? off : 1), trend, Rising, noise: 0.06);
        }),
        new("thrown up at the start, at guessing with spikes in the last steps", true, random =>
        {
            double height = LogBetween(random, 1e3, 1e9);
            double time = Between(random, 1, 3);
            double level = Between(random, 1.003, 1.012);
            int length = random.Next(40, 151);
            Func<int, double> spikes = Spikes(random, length, 2.2, 26);
            double test = random.Next(2) == 0 ? Between(random, 1, 1.05) : LogBetween(random, 1.05, 26);
            return Run(
                random, length, step => step == 0 ? 1.02 : level * spikes(step) * Math.Pow(height, Math.Exp(-(step - 1) / time)),
                _ => test, _ => 0, noise: 0.01, onset: 1);
        }),
        new("thrown up at the start, cut off on the way down with spikes", true, random =>
        {
            double start = Between(random, 1.05, 1.9);
            double height = LogBetween(random, 1e4, 1e9);
            double slow = LogBetween(random, 20, 300);
            double time = Between(random, 6, 9);
            int length = random.Next(40, 46);
            Func<int, double> spikes = Spikes(random, length, 2.2, 26);
            double Loss(int step) => step == 0 ? start : step == 1 ? height : 1.01 + (slow * Math.Exp(-(step - 5) / time));
            double test = LogBetween(random, 1.2, 26);
            return Run(random, length, step => Loss(step) * spikes(step), _ => test, _ => 0, noise: 0.25, onset: 1);
        }),
        new("thrown up at the start, flat above guessing", true, random => Thrown(random, Between(random, 1.06, 1.5), 60, 600, Between(random, 1, 1.3))),
        new("thrown up at the start, flat at guessing", true, random => Thrown(random, Between(random, 0.97, 1.03), 60, 600, 1)),
        new("thrown up, a little better than guessing in training, worse in the test", true, random =>
            Thrown(random, Between(random, 0.8, 0.95), 120, 600, Between(random, 1.4, 2.5))),
        new("thrown up and cut off on the way down", true, random =>
        {
            double height = LogBetween(random, 30, 1e5);
            double time = Between(random, 10, 40);
            double Loss(int step) => step == 0 ? 1.02 : 1 + (height * Math.Exp(-step / time));
            return Run(random, Math.Max(25, (int)(time * Math.Log(height / 3))), Loss, Loss, _ => 0, onset: 1);
        }),
        new("learned, then back above guessing", true, random =>
        {
            Func<int, double> trend = Fall(random, 1.1, 0.4, 20, 60);
            int onset = random.Next(100, 300);
            int rise = random.Next(3, 30);
            double level = Between(random, 1.25, 1.6);
            double Loss(int step) => step < onset ? trend(step) : trend(onset) + ((level - trend(onset)) * Math.Min(1, (step - onset) / (double)rise));
            return Run(
                random, onset + rise + random.Next(20, 45), Loss, Loss, step => step < onset ? Rising(step) : 0.06,
                training: step => step < onset ? Rising(step) : 0.06, onset: onset);
        }),
        new("worse from the first steps on, cut off before the time", true, random =>
        {
            double level = LogBetween(random, 1.4, 6);
            int onset = random.Next(1, 10);
            int rise = random.Next(1, 40);
            double Loss(int step) => 1.02 + ((level - 1.02) * Math.Clamp((step - onset) / (double)rise, 0, 1));
            return Run(random, onset + rise + random.Next(15, 120), Loss, Loss, _ => 0.02, noise: 0.1, onset: onset);
        }),
        new("stuck at guessing, with an accuracy that flickers", true, random =>
        {
            double level = Between(random, 0.997, 1.005);
            return Run(random, random.Next(205, 600), _ => level, _ => level, _ => 0, noise: 0.02, onset: 0);
        }),
    ];

    /// <summary>One to three of the last twenty steps are so many times as high.</summary>
    private static Func<int, double> Spikes(Random random, int length, double least, double most)
    {
        Dictionary<int, double> at = [];
        for (int left = random.Next(1, 4); left > 0; left--)
        {
            at[random.Next(length - 20, length)] = LogBetween(random, least, most);
        }

        return step => at.GetValueOrDefault(step, 1);
    }

    private static double Rising(int step) => 0.75 * (1 - Math.Exp(-step / 60.0));

    private static EndCurve Thrown(Random random, double level, int shortest, int longest, double test)
    {
        double height = LogBetween(random, 20, 1e6);
        int onset = random.Next(1, 8);
        double time = Between(random, 1, 4);
        double knows = Between(random, 0, 0.1);
        double Loss(int step) => step < onset ? 1.02 : level + (height * Math.Exp(-(step - onset) / time));
        return Run(random, random.Next(shortest, longest), Loss, step => test * Loss(step), _ => knows, noise: 0.06, onset: onset);
    }

    /// <summary>From a start to a low, in multiples of guessing.</summary>
    private static Func<int, double> Fall(Random random, double start, double low, double fast = 30, double slow = 200)
    {
        double time = LogBetween(random, fast, slow);
        return step => low + ((start - low) * Math.Exp(-step / time));
    }

    /// <param name="random">The seed's.</param>
    /// <param name="length">Steps.</param>
    /// <param name="loss">Of the training, in multiples of guessing.</param>
    /// <param name="test">Of the test.</param>
    /// <param name="knows">Share of guessing's errors that the test avoids.</param>
    /// <param name="training">The same of the training; as the test where it is null.</param>
    /// <param name="noise">Deviation of the log loss; null for one of 0.02 to 0.25.</param>
    /// <param name="factor">Noise of another kind.</param>
    /// <param name="warmup">Whether the rate rises to the end.</param>
    /// <param name="onset">The first step in trouble.</param>
    /// <param name="batch">Examples of a batch.</param>
    private static EndCurve Run(
        Random random,
        int length,
        Func<int, double> loss,
        Func<int, double> test,
        Func<int, double> knows,
        Func<int, double>? training = null,
        double? noise = null,
        Func<int, double>? factor = null,
        bool warmup = false,
        int? onset = null,
        int batch = 32)
    {
        Guessing guessing = random.Next(3) switch
        {
            0 => Guessing.Uniform("cross-entropy", 10),
            1 => Guessing.Uniform("mse", 10),
            _ => Guessing.Of("cross-entropy", [60, 20, 10, 10]),
        };
        double sigma = noise ?? Between(random, 0.02, 0.25);
        double Accuracy(double share, int of) => Math.Clamp(
            guessing.Accuracy + (share * (1 - guessing.Accuracy))
                + (Math.Sqrt(guessing.Accuracy * (1 - guessing.Accuracy) / of) * Normal(random)), 0, 1);
        List<StepMetrics> steps = [];
        for (int step = 0; step < length; step++)
        {
            steps.Add(new StepMetrics(
                step,
                guessing.Loss * loss(step) * (factor?.Invoke(step) ?? LossCurves.Noise(random, sigma)),
                Accuracy((training ?? knows)(step), batch),
                1,
                warmup ? 0.1 * (step + 1) / (length + 1) : 0.1,
                Clipped: false));
        }

        Evaluation end = new(
            length, guessing.Loss * test(length) * LossCurves.Noise(random, sigma * Math.Sqrt(batch / 500.0)), Accuracy(knows(length), 500));
        return new EndCurve(steps, new RunEnd(end, 500, batch), guessing, onset);
    }
}
