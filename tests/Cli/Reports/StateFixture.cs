using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Specification;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Cli.Tests.Reports;

/// <summary>A state directory as the actors leave it, written without them: the journal's table and the telemetry.</summary>
internal sealed class StateFixture : IDisposable
{
    private readonly List<(string Id, IJournalEvent Event)> _events = [];
    private readonly List<ITelemetryRow> _rows = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-report-").FullName;

    public static DateTimeOffset Start { get; } = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

    /// <summary>A report depends on name, study and runs alone.</summary>
    private static ExperimentSpecification Experiment(string name, string? study, PlannedRun[] runs) => new()
    {
        Name = name,
        Study = study,
        Runs = runs,
        Devices = null,
        StateDirectory = ".curvature",
        Threads = 1,
        Probe = new ProbeOptions(20, 10, ProbePolicy.Latest, 1),
        SnapshotKeep = 3,
        EvaluateEvery = 50,
        ErrorBudget = 1,
        Runtime = new RuntimeOptions(true, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500)),
        AkkaOverrides = "",
    };

    public string Output => Path.Combine(_folder, "out");

    public void Accept(string name, params PlannedRun[] runs) => Accept(name, null, runs);

    public void Accept(string name, string? study, params PlannedRun[] runs) => _events.Add((
        PersistenceIds.Experiment(name),
        new ExperimentAccepted(Experiment(name, study, runs), Start.AddMinutes(_events.Count))));

    public void Record(string run, params IRunEvent[] events) =>
        _events.AddRange(events.Select(e => (PersistenceIds.Run(run), (IJournalEvent)e)));

    public void Add(params ITelemetryRow[] rows) => _rows.AddRange(rows);

    public StateReader Open()
    {
        var directory = new StateDirectory(Path.Combine(_folder, "state"));
        Directory.CreateDirectory(directory.Path);
        using (TelemetryDatabase telemetry = TelemetryDatabase.OpenWriter(directory.Telemetry))
        {
            telemetry.Write(_rows);
        }

        using (var connection = new SqliteConnection($"Data Source={directory.Journal};Pooling=False"))
        {
            connection.Open();
            using SqliteTransaction transaction = connection.BeginTransaction();
            using SqliteCommand create = connection.CreateCommand();
            create.CommandText =
                """
                CREATE TABLE IF NOT EXISTS journal (ordering INTEGER PRIMARY KEY AUTOINCREMENT, persistence_id TEXT NOT NULL,
                    sequence_number INTEGER NOT NULL, identifier INTEGER, manifest TEXT, message BLOB)
                """;
            create.ExecuteNonQuery();
            var numbers = new Dictionary<string, long>();
            foreach ((string id, IJournalEvent e) in _events)
            {
                numbers[id] = numbers.GetValueOrDefault(id) + 1;
                using SqliteCommand insert = connection.CreateCommand();
                insert.CommandText =
                    "INSERT INTO journal (persistence_id, sequence_number, identifier, manifest, message) VALUES ($id, $n, $s, $m, $b)";
                insert.Parameters.AddWithValue("$id", id);
                insert.Parameters.AddWithValue("$n", numbers[id]);
                insert.Parameters.AddWithValue("$s", JournalSerializer.SerializerIdentifier);
                insert.Parameters.AddWithValue("$m", JournalManifests.Of(e));
                insert.Parameters.AddWithValue("$b", JournalManifests.Encode(e));
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return new StateReader(directory);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static RunSpecification Specification(
        double learningRate = 0.1, int warmup = 0, int steps = 300, string optimizer = "heavy-ball", int seed = 1) => new()
        {
            Seed = seed,
            Data = new DataSpecification { Name = "fashion-mnist-small" },
            Model = new ModelSpecification
            {
                Kind = "cnn",
                Hidden = [64],
                Channels = [8, 16],
                Normalization = "none",
                Activation = "relu",
                InitScale = 1.5,
                Dropout = 0,
            },
            Optimizer = new OptimizerSpecification
            {
                Kind = optimizer,
                LearningRate = learningRate,
                Momentum = 0.9,
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0,
            },
            Schedule = new ScheduleSpecification { Kind = "constant", WarmupSteps = warmup, FinalFraction = 0 },
            Training = new TrainingSpecification { Steps = steps, BatchSize = 64, Loss = "cross-entropy", Threads = 1, SnapshotEvery = 25 },
            Detection = new DetectionSpecification
            {
                Rules = ["non-finite", "blow-up"],
                BlowUpFactor = 3,
                BlowUpPatience = 3,
                SilentFailureAfter = 100,
                SilentFailureChanceFactor = 1.5,
                StallWindow = 100,
                StallAbove = 0.9,
            },
            Recovery = new RecoverySpecification
            {
                Enabled = true,
                Budget = 3,
                HealthyAfter = 10,
                Ladder = ["warmup", "clip", "lower-rate"],
                WarmupSteps = 100,
                ClipPercentile = 90,
                SafeFraction = 0.5,
                FallbackFactor = 0.5,
            },
            Curvature = new CurvatureSpecification { Enabled = true, Examples = 512, BatchSize = 256, Tolerance = 1e-3, MaximumProducts = 60 },
        };

    public static PlannedRun Run(string name, RunSpecification specification, params (string Key, string Value)[] parameters) => new(
        specification.Identity(), name, parameters.ToDictionary(entry => entry.Key, entry => entry.Value), specification);
}
