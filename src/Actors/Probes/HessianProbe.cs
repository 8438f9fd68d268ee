using Akka.Actor;
using Akka.Event;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Probes;

/// <summary>Measures one snapshot at a time on the probes' own threads. Keeps nothing between two of them.</summary>
/// <remarks>A measurement that fails costs that measurement, not the run, and not the others of its snapshot.</remarks>
internal sealed class HessianProbe : ReceiveActor
{
    private readonly ISnapshotReader _snapshots;
    private readonly GraphBudget _graphs;

    public HessianProbe(ISnapshotReader snapshots, GraphBudget graphs)
    {
        _snapshots = snapshots;
        _graphs = graphs;
        Receive<Work>(OnWork);
    }

    public static Props Props(ISnapshotReader snapshots, GraphBudget graphs) =>
        Akka.Actor.Props.Create(() => new HessianProbe(snapshots, graphs)).WithDispatcher(Dispatchers.Probe);

    private void OnWork(Work work)
    {
        CurvatureProbe? probe = work.Warm;
        using SnapshotBuffer? lease = work.Buffer;
        try
        {
            probe ??= new CurvatureProbe(work.Specification, DataSets.Load(work.Specification.Data).Train, _graphs);
            using SnapshotBuffer? read = lease is null ? _snapshots.Read(work.Stored!.File, work.Stored.Sha256) : null;
            SnapshotMeasurements measured = lease is null
                ? ForRemedy(probe, work.Specification, read!)
                : probe.Measure(lease, work.Lambda1, work.Kinds);
            foreach (KindMeasurement failed in measured.Kinds.Where(kind => kind.Failure is not null))
            {
                Context.GetLogger().Warning(
                    "The measurement {0} of step {1} failed: {2}", failed.Kind, failed.Step, failed.Failure);
            }

            Sender.Tell(new Done(probe, measured, null, Unreadable: false));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            probe?.Dispose();
            Context.GetLogger().Warning("A curvature measurement failed: {0}", error.Message);
            bool stored = work.Stored is not null;
            Sender.Tell(new Done(
                null, null,
                error is SnapshotUnreadableException ? error.Message : $"{error.GetType().Name}: {error.Message}",
                stored && error is SnapshotException)
            {
                ReadLater = stored && error is SnapshotUnreadableException,
            });
        }
    }

    private static SnapshotMeasurements ForRemedy(CurvatureProbe probe, RunSpecification run, SnapshotBuffer snapshot) =>
        run.Curvature.Enabled
            ? new SnapshotMeasurements(probe.MeasureForRemedy(snapshot), [])
            : new SnapshotMeasurements(null, []) { CriticalRate = probe.SearchForRemedy(snapshot) };

    /// <summary>Measure one of the two snapshots; the probe takes over the lease and the warm start.</summary>
    public sealed record Work(
        RunSpecification Specification,
        CurvatureProbe? Warm,
        SnapshotBuffer? Buffer,
        SnapshotReference? Stored,
        bool Lambda1,
        IReadOnlyList<KindRequest> Kinds)
        : INoSerializationVerificationNeeded;

    /// <summary>The result, and the warm start given back; or why there is none, and whether its stored snapshot is missing or damaged.</summary>
    public sealed record Done(CurvatureProbe? Warm, SnapshotMeasurements? Measured, string? Error, bool Unreadable)
        : INoSerializationVerificationNeeded
    {
        /// <summary>Whether its stored snapshot could not be read, which says nothing of what is in it.</summary>
        public bool ReadLater { get; init; }
    }
}
