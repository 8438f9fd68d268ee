using System.Globalization;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// What training makes of several settings and then takes as a float32: each of them may be within its range and what
/// comes of them not.
/// </summary>
internal static class Float32Validation
{
    /// <summary>Above any draw of a normal distribution in standard deviations.</summary>
    private const double FarthestDraw = 16;

    /// <summary>Above the square root of any fan-in: what a standard deviation is divided by at most.</summary>
    private const double LargestRoot = 65_536;

    /// <summary>Throws for the first that is out of range.</summary>
    public static void Check(RunSpecification run)
    {
        OptimizerSpecification optimizer = run.Optimizer;
        double rate = optimizer.LearningRate;
        if (optimizer.Kind is "adam" or "adamw")
        {
            Require("optimizer.learning-rate", rate, rate / (1 - optimizer.Beta1), "divided by 1 - curvature.optimizer.beta1");
        }

        if (optimizer.Kind == "adamw")
        {
            Require("optimizer.weight-decay", optimizer.WeightDecay, rate * optimizer.WeightDecay, "times curvature.optimizer.learning-rate");
        }

        Require("schedule.final-fraction", run.Schedule.FinalFraction, rate * run.Schedule.FinalFraction, "times curvature.optimizer.learning-rate");
        Scales(run.Model);
        if (run.Data.Noise is { } noise)
        {
            Require("data.noise", noise, noise * FarthestDraw, "and the draws of this standard deviation");
        }

        if (run.Model.Quadratic is { Spectrum.Count: 0 } law && run.Data.Dimension is int dimension)
        {
            Require(
                "model.quadratic.exponent", law.Exponent, law.Lambda1 * Math.Pow(dimension, -law.Exponent),
                $"as the exponent of the smallest of {dimension} eigenvalues");
        }
    }

    private static void Scales(ModelSpecification model)
    {
        InitialScalesSpecification scales = model.Initialisation?.Scales
            ?? new() { Convolution = 1, Linear = 1, Embedding = 1, Classifier = 1 };
        foreach ((string kind, double scale) in (ReadOnlySpan<(string, double)>)[
            ("convolution", scales.Convolution), ("linear", scales.Linear),
            ("embedding", scales.Embedding), ("classifier", scales.Classifier)])
        {
            double product = model.InitScale * scale;
            if (!Float32Range.Holds(product * FarthestDraw) || !Float32Range.Holds(product / LargestRoot))
            {
                throw scale == 1
                    ? Error("model.init-scale", model.InitScale, "as the factor on a weight's standard deviation")
                    : Error($"init.scales.{kind}", scale, "times curvature.model.init-scale and a weight's standard deviation");
            }
        }
    }

    private static void Require(string key, double value, double result, string how)
    {
        // A product of nothing with anything is meant to be nothing.
        if (value != 0 && (result == 0 || !Float32Range.Holds(result)))
        {
            throw Error(key, value, how);
        }
    }

    private static ConfigurationException Error(string key, double value, string how) => new(
        $"{ReferenceConfiguration.Prefix}{key} is {value.ToString(CultureInfo.InvariantCulture)}; {how} it leaves {Float32Range.Words}.");
}
