using System.CommandLine;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Cli.Reports.Figures;
using CurvatureActors.Hessian.Native;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>probe SNAPSHOT/RUN[@STEP]</c>: the curvature of any stored snapshot.</summary>
internal static class ProbeCommand
{
    // Each of them is a vector as long as the parameters, several times over.
    private const int MostEigenvalues = 1000;
    private const int MostProducts = 100_000;
    private const long Megabyte = 1_000_000;

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
        var smallest = new Option<bool>("--lambda-min")
        {
            Description = "Find the smallest eigenvalue too; that takes one to four times the products of lambda1.",
        };
        var preconditioned = new Option<bool>("--preconditioned")
        {
            Description = "Find lambda1 of the preconditioned matrix too, which the threshold of adam, adamw and rmsprop is about.",
        };
        Option<double?> tolerance = CommonOptions.Fraction(new Option<double?>("--tolerance")
        {
            Description = "Residual, relative to the value, at which a value counts as converged; default as the run.",
        });
        Option<int?> products = CommonOptions.WholeNumber(
            new Option<int?>("--max-products")
            {
                Description = "Most products for the eigenvalues, and for each other solve (lambda_min, a layer); default as the run, "
                    + "and at least 20 for each value.",
            },
            MostProducts);
        Option<int?> seed = CommonOptions.WholeNumber(
            new Option<int?>("--seed") { Description = "Seed of the random vectors, not of the examples; default as the run." }, minimum: 0);
        Option<int?> batch = CommonOptions.WholeNumber(new Option<int?>("--batch-size")
        {
            Description = "Examples per batch of a product; default as the run. With batch normalisation it is part of the loss.",
        });
        var precision = new Option<string>("--dtype")
        {
            Description = $"Precision of the measurement: {string.Join(", ", Precisions.All.Names)}.",
            DefaultValueFactory = _ => Precisions.All.Names[0],
        };
        Option<int?> graphs = CommonOptions.WholeNumber(new Option<int?>("--graph-memory")
        {
            Description = "Most megabytes of graphs that are kept between products; default a quarter of the memory. No value depends on it.",
            HelpName = "MB",
        });
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
            target, top, smallest, preconditioned, method, matrix, tolerance, products, seed, examples, batch, precision, density, trace,
            layers, graphs, data, code, state, json,
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
                LambdaMin = parsed.GetValue(smallest),
                Preconditioned = parsed.GetValue(preconditioned),
                Tolerance = parsed.GetValue(tolerance),
                MaximumProducts = parsed.GetValue(products),
                Seed = parsed.GetValue(seed),
                BatchSize = parsed.GetValue(batch),
                ScalarType = Precisions.All[OneOf("--dtype", parsed.GetValue(precision)!, Precisions.All.Names)],
                Graphs = GraphMemory.Of(parsed.GetValue(graphs) * Megabyte),
            };
            RequireVectors(options);
            RequireProducts(options);
            string text = parsed.GetRequiredValue(target);
            using SnapshotBuffer snapshot = StoredSnapshot.Open(directory, text);
            SnapshotTrust.Check(text, snapshot, parsed.GetValue(code));
            RunSpecification specification = snapshot.Header.Specification;
            if (options.Preconditioned)
            {
                RequirePreconditioner(text, snapshot.Header);
            }

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
                ProbeText.Write(run, analysis, picture);
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
                + $"{(options.Top > 1 ? $"--top {options.Top}" : "--layers")} needs lanczos.");
        }
    }

    private static void RequireProducts(AnalysisOptions options)
    {
        if (options.MaximumProducts < options.Top)
        {
            throw new UsageException(
                $"--max-products is {options.MaximumProducts}; --top {options.Top} by {options.Method} needs at least {options.Top}.");
        }
    }

    private static void RequirePreconditioner(string text, SnapshotHeader header)
    {
        string kind = header.Specification.Optimizer.Kind;
        if (!OptimizerRegistry.Optimizers.TryGet(kind, out OptimizerKind? optimizer) || !optimizer.IsPreconditioned)
        {
            string[] others = [.. OptimizerRegistry.Optimizers.Names.Where(name => OptimizerRegistry.Optimizers[name].IsPreconditioned)];
            throw new UsageException(
                $"--preconditioned is for runs by {string.Join(", ", others)}; \"{text}\" is by {kind}, which has no preconditioner.");
        }

        if (header.Updates == 0)
        {
            throw new UsageException(
                $"--preconditioned needs a snapshot after the first update; \"{text}\" is of step {header.Step}, before {kind} has seen a gradient.");
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
}
