using CurvatureActors.Bench.Workloads;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Micro;

/// <summary>A real run of a few hundred steps and its snapshots at equal distances, for what needs both.</summary>
internal sealed class ShortRun : IDisposable
{
    /// <summary>Steps before the first snapshot.</summary>
    internal const int Settled = 100;

    /// <summary>Steps between two snapshots: the default of <c>curvature.probe.every</c>.</summary>
    internal const int Distance = 10;

    internal ShortRun(int snapshots)
    {
        Specification = Experiments.Create("training.steps=2000").Runs[0].Specification;
        Data = DataSets.Load(Specification.Data);
        Session = TrainingSession.Create(Specification, Data, CPU);
        Advance(Settled);
        for (int i = 0; i < snapshots; i++)
        {
            Snapshots.Add(Session.Capture(Origin));
            Advance(Distance);
        }
    }

    internal static SnapshotOrigin Origin { get; } = new("0123456789ab", Attempt: 1, Epoch: 1);

    internal RunSpecification Specification { get; }

    internal DataSplit Data { get; }

    internal TrainingSession Session { get; }

    internal List<SnapshotBuffer> Snapshots { get; } = [];

    public void Dispose()
    {
        Snapshots.ForEach(snapshot => snapshot.Dispose());
        Session.Dispose();
    }

    private void Advance(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Session.Advance();
        }
    }
}
