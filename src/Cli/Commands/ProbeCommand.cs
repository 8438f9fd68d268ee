using System.CommandLine;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Display;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Cli.Reports.Figures;
using CurvatureActors.Hessian.Native;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>probe SNAPSHOT/RUN[@STEP]</c>: the curvature of any stored snapshot.</summary>
internal static class ProbeCommand
{
    // Each of them is a vector as long as the parameters, several times over.
    private const int MostEigenvalues = 1000;

    public static Command Create()
    {
        Argument<string> target = CommonOptions.NotEmpty(new Argument<string>("SNAPSHOT")
        {
            Description = "A snapshot file, or RUN@STEP, or RUN for its newest snapshot.",
        });
        Option<int> top = CommonOptions.WholeNumber(
            new Option<int>("--top") { Description = "How many of the largest eigenvalues.", DefaultValueFactory = _ => 1 }, MostEigenvalues);
        Option<int?> examples = CommonOptions.WholeNumber(
            new Option<int?>("--examples") { Description = "Training examples to take the loss over; default as the run." });
        var density = new Option<bool>("--density") { Description = "Estimate the density of all eigenvalues, with a picture." };
        var trace = new Option<bool>("--trace") { Description = "Estimate the trace (Hutch++)." };
        var layers = new Option<bool>("--layers") { Description = "Each parameter tensor: its own lambda1 and its share of the top eigenvector." };
        var method = new Option<string>("--method")
        {
            Description = $"How eigenvalues are found: {string.Join(", ", EigenMethods.All.Names)}.",
            DefaultValueFactory = _ => new AnalysisOptions().Method,
        };
        var matrix = new Option<string>("--operator")
        {
            Description = $"What they are of: {string.Join(", ", CurvatureOperators.Names)}.",
            DefaultValueFactory = _ => new AnalysisOptions().Operator,
        };
        Option<string?> data = CommonOptions.NotEmpty(new Option<string?>("--data")
        {
            Description = "Folder of the run's data set, where it is not the one that the run was trained on.",
            HelpName = "DIR",
        });
        var code = new Option<bool>("--allow-code")
        {
            Description = "Let code run of the assembly that the snapshot's model is in, if its SHA-256 is the run's.",
        };
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("probe", "Measure the curvature of a stored snapshot.")
        {
            target, top, method, matrix, examples, density, trace, layers, data, code, state, json,
        };
        command.SetAction(parsed =>
        {
            StateDirectory directory = CommonOptions.Directory(parsed.GetValue(state));
            var options = new AnalysisOptions
            {
                Top = parsed.GetValue(top),
                Method = OneOf("--method", parsed.GetValue(method)!, EigenMethods.All.Names),
                Operator = OneOf("--operator", parsed.GetValue(matrix)!, CurvatureOperators.Names),
                Examples = parsed.GetValue(examples),
                Density = parsed.GetValue(density),
                Trace = parsed.GetValue(trace),
                Layers = parsed.GetValue(layers),
            };
            RequireVectors(options);
            string text = parsed.GetRequiredValue(target);
            using SnapshotBuffer snapshot = StoredSnapshot.Open(directory, text);
            SnapshotTrust.Check(text, snapshot, parsed.GetValue(code));
            RunSpecification specification = snapshot.Header.Specification;
            NativeRuntime.Configure(new NativeRuntimeOptions { Threads = specification.Training.Threads });
            CurvatureAnalysis analysis = Analyse(text, snapshot, parsed.GetValue(data), options);
            string run = snapshot.Header.Origin.Run;
            string? picture = analysis.Density is null ? null : Draw(directory, run, analysis);
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(ProbeRow.Of(run, analysis));
            }
            else
            {
                Write(run, analysis, picture);
            }

            if (File.Exists(parsed.GetRequiredValue(target)))
            {
                return ExitCode.Success;
            }

            using var reader = new StateReader(directory);
            return StateFaults.Tell(reader);
        });
        return command;
    }

    /// <summary>What the snapshot says can be anything, and so can what comes of it: each is one sentence.</summary>
    private static CurvatureAnalysis Analyse(string text, SnapshotBuffer snapshot, string? data, AnalysisOptions options)
    {
        try
        {
            ExampleSet train = ProbedData.Load(snapshot.Header.Specification.Data, data);
            return options.Examples > train.Count
                ? throw new UsageException($"--examples is {options.Examples}, but there are only {train.Count} training examples.")
                : CurvatureAnalysis.Of(snapshot.Header.Specification, train, snapshot, options);
        }
        catch (Exception error) when (error is not (UsageException or DataSetException or IOException or UnauthorizedAccessException))
        {
            // libtorch's own messages have its stack in the lines after the first.
            string reason = (error.InnerException ?? error).Message.Split('\n')[0].TrimEnd('\r', '.');
            throw new UsageException($"\"{text}\" cannot be probed: {reason}.");
        }
    }

    private static string OneOf(string option, string value, IReadOnlyList<string> names) => names.Contains(value)
        ? value
        : throw new UsageException($"{option} is \"{value}\"; allowed are {string.Join(", ", names)}.");

    private static void RequireVectors(AnalysisOptions options)
    {
        if (EigenMethods.All[options.Method].ByMagnitude && (options.Top > 1 || options.Layers))
        {
            throw new UsageException(
                $"--method {options.Method} finds a single eigenvalue and no vector; "
                + $"{(options.Top > 1 ? $"--top {options.Top}" : "--layers")} needs lanczos or lobpcg.");
        }
    }

    private static string Draw(StateDirectory directory, string run, CurvatureAnalysis analysis)
    {
        Figure figure = DensityFigure.Draw(run, analysis);
        string folder = Path.Combine(directory.Reports, "probes");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, figure.Name + ".png");
        AtomicFile.Write(path, figure.Png());
        return path;
    }

    private static void Write(string run, CurvatureAnalysis analysis, string? picture)
    {
        Console.WriteLine(
            $"{run} at step {analysis.Step}: {analysis.Parameters} parameters, loss {Numbers.Short(analysis.Loss)} over {analysis.Examples} "
            + $"training examples; {analysis.Products} products in {Numbers.Short(analysis.Seconds)} s"
            + (analysis.Converged ? "" : "; not converged"));
        bool byMagnitude = EigenMethods.All[analysis.Method].ByMagnitude;
        Console.WriteLine($"by {analysis.Method} on the {analysis.Operator} operator"
            + (byMagnitude ? ", which finds the eigenvalue of the largest magnitude: it may be a negative one, and not lambda1" : "")
            + (analysis.Operator == "finite-differences" ? "; an approximation whose error the residual does not show" : ""));
        Tables.Write(
            ["eigenvalue", "value", "residual"],
            [
                .. analysis.Largest.Values.Select((value, i) => (string[])
                    [byMagnitude ? "largest magnitude" : $"lambda{i + 1}", Numbers.Short(value), Numbers.Short(analysis.Largest.Residuals[i])]),
                ["lambda_min", Numbers.Short(analysis.Smallest.LambdaMin), Numbers.Short(analysis.Smallest.Residuals[0])],
            ]);
        string[] further =
        [
            .. double.IsNaN(analysis.Largest.GapRatio) ? [] : new[] { $"lambda1/lambda2 {Numbers.Short(analysis.Largest.GapRatio)}" },
            .. analysis.Trace is { } trace ? [$"trace {Numbers.WithError(trace.Value, trace.StandardError)}"] : Array.Empty<string>(),
        ];
        if (further.Length > 0)
        {
            Console.WriteLine(string.Join(", ", further));
        }

        if (analysis.Layers is { } layers)
        {
            Tables.Write(
                ["layer", "parameters", "own lambda1", "share of the top eigenvector"],
                layers.Select(layer => (string[])
                    [layer.Name, $"{layer.Parameters}", Numbers.WithError(layer.Lambda1, layer.Residual), Numbers.Percent(layer.Share)]));
        }

        if (picture is not null)
        {
            Console.WriteLine(picture);
        }
    }
}
