using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Actors.Tests.Hosting;

/// <summary>An experiment of one tiny run on 320 of the shipped images.</summary>
internal static class SmallExperiment
{
    private const string Text =
        """
        curvature {
          data { train-examples = 320, test-examples = 64 }
          model { kind = cnn, channels = [4], hidden = [8] }
          training { steps = 30, batch-size = 16, evaluate-every = 15 }
          snapshot.every = 10
          probe { examples = 40, batch-size = 32, max-products = 12, dense-steps = 3, every = 4 }
        }
        """;

    /// <summary>With these keys set.</summary>
    public static ExperimentSpecification Load(params string[] sets) => ExperimentLoader.LoadText(Text, "small", sets);

    /// <summary>Its run.</summary>
    public static RunSpecification Run(params string[] sets) => Load(sets).Runs[0].Specification;

    /// <summary>A run whose data are not there.</summary>
    public static RunSpecification RunWithoutData() => Run() with
    {
        Data = new() { Name = "idx", Directory = Path.Combine(Path.GetTempPath(), "curvature-no-such-folder") },
    };

    /// <summary>A session of a run, driven without actors.</summary>
    public static TrainingSession Session(RunSpecification run, SnapshotPool? pool = null) =>
        TrainingSession.Create(run, DataSets.Load(run.Data), CPU, pool);

    /// <summary>The snapshot at initialisation.</summary>
    public static SnapshotBuffer Snapshot(RunSpecification run, SnapshotPool? pool = null)
    {
        using TrainingSession session = Session(run, pool);
        return session.Capture(new SnapshotOrigin(run.Identity(), Attempt: 1, Epoch: 1));
    }
}
