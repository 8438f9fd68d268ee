using System.Text.Json;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli;

/// <summary>
/// What a snapshot may ask for. It is data, and may come from anywhere: nothing in it runs code, decides where something is
/// written, or how much memory is taken beyond what it holds itself.
/// </summary>
internal static class SnapshotTrust
{
    /// <summary>Characters of an identity, as <see cref="Actors"/> gives them.</summary>
    private const int IdentityLength = 12;

    private const int MostThreads = 1024;

    /// <summary>More than anybody waits for; what is made of it must still be a number.</summary>
    private const int MostProducts = 100_000_000;

    /// <summary>Examples that a set has where nothing is said, at the most: what one of the user's own files holds is there anyway.</summary>
    private const int DefaultExamples = 1024;

    /// <summary>Numbers that a data set may have by its specification alone, such as a synthetic one.</summary>
    private const double MostDrawn = 100_000_000;

    /// <summary>Throws for what is not to be trusted.</summary>
    /// <param name="text">What the user calls the snapshot.</param>
    /// <param name="snapshot">It.</param>
    /// <param name="allowCode">Whether the user said that code of the assembly it names may run.</param>
    /// <exception cref="UsageException">It asks for something that it may not; the message says what.</exception>
    public static void Check(string text, SnapshotBuffer snapshot, bool allowCode)
    {
        SnapshotHeader header = snapshot.Header;
        string run = header.Origin.Run;
        if (run.Length != IdentityLength || !run.All(char.IsAsciiHexDigitLower))
        {
            throw new UsageException(
                $"\"{text}\" says that it is of the run \"{run}\"; a run's identity has {IdentityLength} hex digits.");
        }

        if (header.Specification.Training.Threads is var threads and (< 1 or > MostThreads))
        {
            throw new UsageException($"\"{text}\" wants {threads} threads; allowed are 1 to {MostThreads}.");
        }

        if (header.Specification.Curvature.MaximumProducts is var products and > MostProducts)
        {
            throw new UsageException($"\"{text}\" wants up to {products} products; allowed are 1 to {MostProducts}.");
        }

        Names(text, header.Specification);
        if (snapshot.FirstNotFinite() is { } tensor)
        {
            throw new UsageException($"\"{text}\" holds numbers that are not finite in \"{tensor}\"; there is no curvature to measure.");
        }

        ModelSpecification model = header.Specification.Model;
        if (model is { Kind: "external" } or { Assembly: not null })
        {
            Code(text, model, allowCode);
        }

        DataSpecification data = header.Specification.Data;
        double drawn = (data.Dimension ?? 1.0)
            * ((data.TrainExamples ?? (double)DefaultExamples) + (data.TestExamples ?? (double)DefaultExamples));
        if (drawn > MostDrawn || data.Dimension < 1 || data.TrainExamples < 1 || data.TestExamples < 1)
        {
            throw new UsageException(
                $"\"{text}\" wants {data.TrainExamples} training and {data.TestExamples} test examples of {data.Dimension ?? 1} numbers; "
                + $"allowed are 1 to {MostDrawn:f0} numbers in all.");
        }

        // Each unit and each layer has a parameter of its own; numbers of the initialisation are no sizes.
        long parameters = header.Tensors
            .Where(tensor => tensor.Name.StartsWith(ModelState.ParameterPrefix, StringComparison.Ordinal))
            .Sum(tensor => tensor.Shape.Aggregate(1L, (product, extent) => product * extent));
        using var sizes = JsonDocument.Parse(SpecificationJson.Canonical(
            header.Specification with { Model = model with { Initialisation = null, Quadratic = null } }));
        if (Integers(sizes.RootElement.GetProperty("model")).FirstOrDefault(size => size > Math.Max(parameters, 1024)) is var absurd && absurd != 0)
        {
            throw new UsageException($"\"{text}\" holds {parameters} parameters, and its model is said to have a size of {absurd}.");
        }
    }

    /// <summary>Names that measuring does not need: a snapshot with an unknown one is of another program, or of none.</summary>
    private static void Names(string text, RunSpecification run)
    {
        Known("optimizer", run.Optimizer.Kind, OptimizerRegistry.Optimizers.Names);
        Known("loss", run.Training.Loss, LossRegistry.Losses.Names);
        Known("schedule", run.Schedule.Kind, LearningRateSchedules.All.Names);
        foreach (string rule in run.Detection.Rules)
        {
            Known("divergence rule", rule, DivergenceRules.All.Names);
        }

        foreach (string remedy in run.Recovery.Ladder)
        {
            Known("remedy", remedy, Remedies.All.Names);
        }

        void Known(string what, string name, IEnumerable<string> names)
        {
            if (!names.Contains(name))
            {
                throw new UsageException($"\"{text}\" names the {what} \"{name}\"; there are {string.Join(", ", names)}.");
            }
        }
    }

    private static void Code(string text, ModelSpecification model, bool allowCode)
    {
        if (model.Assembly?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new UsageException($"\"{text}\" names the assembly \"{model.Assembly}\"; that is no path.");
        }

        if (model.AssemblySha256 is not { Length: 64 } digest || !digest.All(char.IsAsciiHexDigitLower))
        {
            throw new UsageException(
                $"\"{text}\" names the assembly \"{model.Assembly}\" without its SHA-256; what is not pinned is not run.");
        }

        if (model.Assembly is not { } file || !Path.IsPathFullyQualified(file))
        {
            throw new UsageException(
                $"\"{text}\" names the assembly \"{model.Assembly}\"; a full path is expected, which means the same file from everywhere.");
        }

        if (!allowCode)
        {
            throw new UsageException(
                $"\"{text}\" is of the class \"{model.Type}\" in \"{file}\" (SHA-256 {digest}); to probe it runs code of that file, "
                + "and of what lies beside it. Give --allow-code if you trust them.");
        }
    }

    private static IEnumerable<long> Integers(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Integers(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Integers),
        JsonValueKind.Number when element.TryGetInt64(out long number) => [number],
        _ => [],
    };
}
