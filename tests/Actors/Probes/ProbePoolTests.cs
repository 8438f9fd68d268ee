using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Actors.Tests.Snapshots;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Probes;

/// <summary>
/// With real probes. Where a test needs one to be at work, it is given a stored snapshot that cannot be had until the test
/// lets it. Where a test needs all of them to be at work, there are none.
/// </summary>
public sealed class ProbePoolTests : NodeTest
{
    private static readonly RunSpecification Specification = SmallExperiment.Run("model.kind=mlp");

    private readonly TemporaryFolder _temporary = new();
    private readonly SnapshotPool _memory = new();
    private readonly HeldSnapshots _stored;

    public ProbePoolTests() => _stored = new HeldSnapshots(new SnapshotFolder(_temporary.Path));

    protected override void AfterAll()
    {
        _stored.Release();
        base.AfterAll();
        _stored.Dispose();
        _temporary.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public async Task Given_the_policy_queue_then_every_snapshot_is_measured_in_order()
    {
        IActorRef pool = Pool(workers: 2);
        (SnapshotBuffer[] snapshots, double[] expected) = Trajectory(5);
        foreach (SnapshotBuffer snapshot in snapshots)
        {
            Measure(pool, "run", snapshot, ProbePolicy.Queue);
        }

        for (int step = 0; step < expected.Length; step++)
        {
            ProbePool.Measured measured = await ExpectAsync<ProbePool.Measured>();
            Assert.Equal(("run", step), (measured.Run, measured.Measurement.Step));
            Assert.Equal(expected[step], measured.Measurement.Lambda1, 5e-3 * Math.Abs(expected[step]));
        }

        await StopAsync(pool);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_the_policy_latest_then_what_waited_of_the_same_run_is_dropped_and_said_so()
    {
        IActorRef pool = Pool(workers: 0);
        (SnapshotBuffer[] snapshots, _) = Trajectory(3);
        Measure(pool, "run", snapshots[0], ProbePolicy.Latest);
        Measure(pool, "other", snapshots[0].Retain(), ProbePolicy.Latest);
        Measure(pool, "run", snapshots[1], ProbePolicy.Latest);
        await ExpectNotMeasuredAsync("run", 0);
        Measure(pool, "run", snapshots[2], ProbePolicy.Latest);
        await ExpectNotMeasuredAsync("run", 1);

        // Step 2 of the run and step 0 of the other still wait.
        Assert.Equal(2, _memory.BuffersInUse);
        await StopAsync(pool);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_cancel_then_waiting_snapshots_of_that_run_are_given_up_but_not_what_a_remedy_wants()
    {
        IActorRef pool = Pool(workers: 0);
        (SnapshotBuffer[] snapshots, _) = Trajectory(2);
        Measure(pool, "run", snapshots[0], ProbePolicy.Queue);
        pool.Tell(new ProbePool.MeasureStored("run", Specification, 0, new("none", "none", 1)), TestActor);
        Measure(pool, "other", snapshots[0].Retain(), ProbePolicy.Queue);
        Measure(pool, "run", snapshots[1], ProbePolicy.Queue);

        pool.Tell(new ProbePool.Cancel("run"), TestActor);
        await ExpectNotMeasuredAsync("run", 0);
        await ExpectNotMeasuredAsync("run", 1);
        pool.Tell(new ProbePool.Cancel("other"), TestActor);
        await ExpectNotMeasuredAsync("other", 0);

        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_run_being_measured_then_its_next_snapshot_waits_though_a_probe_is_free()
    {
        IActorRef pool = Pool(workers: 2);
        (SnapshotBuffer[] snapshots, double[] expected) = Trajectory(2);
        OccupyProbe(pool, "run");
        Measure(pool, "run", snapshots[1], ProbePolicy.Latest);
        Measure(pool, "other", snapshots[0], ProbePolicy.Latest);

        // The later request of another run is served: a probe was free.
        ProbePool.Measured other = await ExpectAsync<ProbePool.Measured>();
        Assert.Equal("other", other.Run);
        Assert.Equal(expected[0], other.Measurement.Lambda1, 5e-3 * Math.Abs(expected[0]));

        // Only what waits can be cancelled.
        pool.Tell(new ProbePool.Cancel("run"), TestActor);
        await ExpectNotMeasuredAsync("run", 1);

        await ReleaseAsync();
        await ExpectNotMeasuredAsync("run", 7);
        await StopAsync(pool);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_measurements_that_fail_then_each_costs_itself_and_the_pool_goes_on()
    {
        IActorRef pool = Pool(workers: 1);
        (SnapshotBuffer[] snapshots, double[] expected) = Trajectory(2);
        Measure(pool, "run", snapshots[0].Retain(), ProbePolicy.Queue);
        pool.Tell(
            new ProbePool.Measure("no-data", SmallExperiment.RunWithoutData(), 0, ProbePolicy.Queue, snapshots[0]),
            TestActor);
        Measure(pool, "run", SmallExperiment.Snapshot(SmallExperiment.Run(), _memory), ProbePolicy.Queue);
        pool.Tell(new ProbePool.MeasureStored("run", Specification, 9, new("missing", "none", 1)), TestActor);
        Measure(pool, "run", snapshots[1], ProbePolicy.Queue);

        await ExpectAsync<ProbePool.Measured>();
        await ExpectNotMeasuredAsync("no-data", 0);
        await ExpectNotMeasuredAsync("run", 0);
        ProbePool.NotMeasured missing = await ExpectNotMeasuredAsync("run", 9);
        Assert.Contains("missing", missing.Reason, StringComparison.Ordinal);
        Assert.Equal("missing", missing.Unusable?.File);
        ProbePool.Measured last = await ExpectAsync<ProbePool.Measured>();
        Assert.Equal(expected[1], last.Measurement.Lambda1, 5e-3 * Math.Abs(expected[1]));
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_probe_that_hangs_then_its_measurement_is_given_up_and_another_probe_takes_its_place()
    {
        IActorRef pool = Pool(workers: 1, hangAfter: TimeSpan.FromMilliseconds(1));
        (SnapshotBuffer[] snapshots, double[] expected) = Trajectory(1);
        OccupyProbe(pool, "run");

        ProbePool.NotMeasured hung = await ExpectNotMeasuredAsync("run", 7);
        Assert.Contains("hangs", hung.Reason, StringComparison.Ordinal);
        Assert.Null(hung.Unusable);

        // The hung one still holds its thread, so this is measured by another; however slow the machine, in the end.
        IActorRef patient = Pool(workers: 1);
        Measure(patient, "run", snapshots[0].Retain(), ProbePolicy.Queue);
        ProbePool.Measured measured = await ExpectAsync<ProbePool.Measured>();
        Assert.Equal(expected[0], measured.Measurement.Lambda1, 5e-3 * Math.Abs(expected[0]));
        pool.Tell(new ProbePool.MeasureStored("run", Specification, 9, new("missing", "none", 1)), TestActor);
        await ExpectNotMeasuredAsync("run", 9);

        snapshots[0].Dispose();
        await ReleaseAsync();
        await StopAsync(pool);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_stored_snapshot_then_its_value_is_the_cold_one_whatever_was_measured_before()
    {
        IActorRef pool = Pool(workers: 1);
        var folder = new SnapshotFolder(_temporary.Path);
        (SnapshotBuffer[] snapshots, double[] expected) = Trajectory(3);
        SnapshotReference stored = folder.Save("run", 1, 1, snapshots[1]);
        snapshots[1].Dispose();
        pool.Tell(new ProbePool.MeasureStored("run", Specification, 1, stored), TestActor);
        Measure(pool, "run", snapshots[0], ProbePolicy.Latest);
        Measure(pool, "run", snapshots[2], ProbePolicy.Queue);
        pool.Tell(new ProbePool.MeasureStored("run", Specification, 1, stored), TestActor);

        List<CurvatureMeasurement> values = [];
        for (int i = 0; i < 4; i++)
        {
            values.Add((await ExpectAsync<ProbePool.Measured>()).Measurement);
        }

        Assert.Equal([1, 0, 2, 1], values.Select(value => value.Step));
        Assert.Equal([expected[1], expected[1]], [values[0].Lambda1, values[3].Lambda1]);
    }

    [Fact]
    public async Task Given_kinds_then_they_come_with_lambda1_or_alone_and_a_failing_one_costs_itself()
    {
        KindRequest[] kinds = [new("trace", [new("products", 9)]), new("trace", []), new("top", [new("count", 2)])];
        IActorRef pool = Pool(workers: 1);
        (SnapshotBuffer[] snapshots, double[] expected) = Trajectory(2);
        Measure(pool, "run", snapshots[0], ProbePolicy.Queue, lambda1: true, kinds);
        Measure(pool, "run", snapshots[1], ProbePolicy.Queue, lambda1: false, kinds[2..]);

        ProbePool.Measured both = await ExpectAsync<ProbePool.Measured>();
        Assert.Equal(expected[0], both.Measurement.Lambda1, 5e-3 * Math.Abs(expected[0]));
        Assert.Equal(["trace", "trace", "top"], both.Kinds.Select(kind => kind.Kind));
        Assert.Equal([null, "products", null], both.Kinds.Select(kind => kind.Failure is null ? null : "products"));
        Assert.Contains("products", both.Kinds[1].Failure, StringComparison.Ordinal);
        Assert.Equal(expected[0], both.Kinds[2].Values[0].Value, 5e-3 * Math.Abs(expected[0]));

        ProbePool.KindsMeasured alone = await ExpectAsync<ProbePool.KindsMeasured>();
        Assert.Equal(("run", 1), (alone.Run, Assert.Single(alone.Kinds).Step));
        Assert.Equal(expected[1], alone.Kinds[0].Values[0].Value, 5e-3 * Math.Abs(expected[1]));
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_dropped_snapshot_then_what_was_due_at_it_is_measured_at_the_one_that_takes_its_place()
    {
        IActorRef pool = Pool(workers: 1);
        (SnapshotBuffer[] snapshots, _) = Trajectory(3);
        OccupyProbe(pool, "run");
        KindRequest few = new("trace", [new("products", 6)]);
        KindRequest many = new("trace", [new("products", 12)]);
        Measure(pool, "run", snapshots[0], ProbePolicy.Latest, lambda1: true, [few, new("top", [new("count", 2)])]);
        Measure(pool, "run", snapshots[1], ProbePolicy.Latest, lambda1: false, [many]);
        await ExpectNotMeasuredAsync("run", 0);
        Measure(pool, "run", snapshots[2], ProbePolicy.Latest, lambda1: false);
        await ExpectNotMeasuredAsync("run", 1);

        await ReleaseAsync();
        await ExpectNotMeasuredAsync("run", 7);
        ProbePool.Measured measured = await ExpectAsync<ProbePool.Measured>();

        Assert.Equal(2, measured.Measurement.Step);
        Assert.Equal([("trace", 2, 12), ("top", 2, 0)], measured.Kinds.Select(kind =>
            (kind.Kind, kind.Step, kind.Kind == "trace" ? kind.Products : 0)));
        await StopAsync(pool);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    [Fact]
    public async Task Given_a_stop_then_all_leases_are_given_back_those_at_work_too()
    {
        IActorRef pool = Pool(workers: 1);
        (SnapshotBuffer[] snapshots, _) = Trajectory(3);
        foreach (SnapshotBuffer snapshot in snapshots)
        {
            Measure(pool, "run", snapshot, ProbePolicy.Queue);
        }

        // One snapshot is with a probe, which may or may not have begun with it; two wait.
        await StopAsync(pool);
        Assert.Equal(0, _memory.BuffersInUse);
    }

    private IActorRef Pool(int workers, TimeSpan? hangAfter = null) =>
        Sys.ActorOf(ProbePool.Props(_stored, workers, hangAfter ?? 2 * Patience, new GraphBudget(1_000_000_000)));

    private void Measure(
        IActorRef pool, string run, SnapshotBuffer snapshot, ProbePolicy policy, bool lambda1 = true, params KindRequest[] kinds) =>
        pool.Tell(
            new ProbePool.Measure(run, Specification, snapshot.Header.Step, policy, snapshot) { Lambda1 = lambda1, Kinds = kinds },
            TestActor);

    private async Task<ProbePool.NotMeasured> ExpectNotMeasuredAsync(string run, int step)
    {
        ProbePool.NotMeasured answer = await ExpectAsync<ProbePool.NotMeasured>();
        Assert.Equal((run, step), (answer.Run, answer.Step));
        return answer;
    }

    /// <summary>Snapshots of steps 0, 1, ... and their values from a cold probe outside of any actor.</summary>
    private (SnapshotBuffer[] Snapshots, double[] Lambda1) Trajectory(int steps)
    {
        using TrainingSession session = SmallExperiment.Session(Specification, _memory);
        using CurvatureProbe probe = new(Specification, DataSets.Load(Specification.Data).Train);
        List<SnapshotBuffer> snapshots = [];
        List<double> values = [];
        for (int step = 0; step < steps; step++)
        {
            snapshots.Add(session.Capture(new SnapshotOrigin("run", 1, 1)));
            values.Add(probe.MeasureCold(snapshots[^1]).Lambda1);
            session.Advance();
        }

        return ([.. snapshots], [.. values]);
    }

    /// <summary>Keeps a probe busy with step 7 of a run until <see cref="ReleaseAsync"/>, and then fails.</summary>
    private void OccupyProbe(IActorRef pool, string run) =>
        pool.Tell(new ProbePool.MeasureStored(run, Specification, 7, new SnapshotReference(HeldSnapshots.Held, "none", 1)), TestActor);

    /// <summary>Waits until the probe reads, so afterwards it has been at work.</summary>
    private async Task ReleaseAsync()
    {
        await _stored.Asked.WaitAsync(Patience, Cancellation);
        _stored.Release();
    }
}
