using System.Buffers.Binary;
using System.Globalization;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Training;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Sessions;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>
/// telemetry.db: every step, evaluation and measurement, keyed (run, attempt, step). One process writes it
/// (write-ahead logging), any number read it meanwhile.
/// </summary>
/// <remarks>
/// A file of an earlier version has fewer tables, and one whose first writer found the disk full has none: to a reader
/// those that are missing are empty. The columns of a density are float64, little-endian, one after the other. SQLite has no NaN and stores it as NULL; columns that are always written read NULL back as NaN.
/// </remarks>
public sealed class TelemetryDatabase : IDisposable
{
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS steps (
            run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
            loss REAL, accuracy REAL, gradient_norm REAL, learning_rate REAL, clipped INTEGER NOT NULL,
            PRIMARY KEY (run, attempt, step)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS evaluations (
            run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
            loss REAL, accuracy REAL,
            PRIMARY KEY (run, attempt, step)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS measurements (
            run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
            lambda1 REAL, residual REAL, converged INTEGER NOT NULL, products INTEGER NOT NULL,
            preconditioned_lambda1 REAL, examples INTEGER NOT NULL, learning_rate REAL, threshold REAL,
            stability_ratio REAL, seconds REAL, lag INTEGER NOT NULL,
            PRIMARY KEY (run, attempt, step)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS curvature_values (
            run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
            value REAL, error REAL,
            PRIMARY KEY (run, attempt, step, kind, name)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS densities (
            run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
            grid BLOB NOT NULL, density BLOB NOT NULL, standard_error BLOB NOT NULL,
            PRIMARY KEY (run, attempt, step));
        """;

    private readonly SqliteConnection _connection;
    private readonly string _path;

    private TelemetryDatabase(SqliteConnection connection, string path) => (_connection, _path) = (connection, path);

    /// <summary>Opens for writing and creates what a file of an earlier version has not, all of it or nothing.</summary>
    /// <exception cref="SqliteException">The file cannot be written.</exception>
    /// <exception cref="StateDirectoryException">It is no telemetry, or a table of it is gone.</exception>
    public static TelemetryDatabase OpenWriter(string path)
    {
        TelemetryTables.RequireFile(path);
        // Whoever writes tries again by itself and has other work meanwhile.
        TelemetryDatabase database = Open(path, SqliteOpenMode.ReadWriteCreate, busySeconds: 1);
        try
        {
            TelemetryTables.Require(database._connection, path);
            using SqliteCommand command = database._connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
            command.ExecuteNonQuery();
            if (!TelemetryTables.AreMade(database._connection))
            {
                command.CommandText =
                    $"BEGIN IMMEDIATE; {Schema} PRAGMA user_version = {TelemetryTables.Version}; COMMIT;";
                command.ExecuteNonQuery();
            }

            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens for reading; null when there is no such file yet.</summary>
    /// <exception cref="StateDirectoryException">It cannot be read, or is no telemetry.</exception>
    public static TelemetryDatabase? OpenReader(string path)
    {
        TelemetryTables.RequireFile(path);
        if (!File.Exists(path))
        {
            return null;
        }

        TelemetryDatabase? database = null;
        try
        {
            database = Open(path, SqliteOpenMode.ReadOnly, busySeconds: 30);
            TelemetryTables.Require(database._connection, path);
            return database;
        }
        catch (Exception error) when (error is SqliteException or StateDirectoryException)
        {
            database?.Dispose();
            throw error as StateDirectoryException ?? TelemetryTables.Unreadable(path, error);
        }
    }

    /// <summary>Whether nothing was ever made in it: a first writer that found the disk full leaves such a file.</summary>
    internal bool HasNoTables => Read("SELECT count(*) FROM sqlite_master", "", row => row.GetInt64(0))[0] == 0;

    /// <summary>The runs of which there are steps.</summary>
    public IReadOnlyList<string> Runs()
    {
        // From one run to the next along the key: a run may have a million rows.
        const string Sql =
            """
            WITH RECURSIVE known(run) AS (
                SELECT min(run) FROM steps
                UNION ALL
                SELECT (SELECT min(run) FROM steps WHERE run > known.run) FROM known WHERE known.run IS NOT NULL)
            SELECT run FROM known WHERE run IS NOT NULL
            """;
        return ReadTable("steps", Sql, "", row => row.GetString(0));
    }

    /// <summary>Which steps of an attempt have no row; null when all have one.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="from">First step.</param>
    /// <param name="to">The step after the last.</param>
    internal MissingRows? Missing(string run, int attempt, int from, int to)
    {
        if (!Has("steps"))
        {
            return new MissingRows("steps", attempt, from, to - 1, to - from);
        }

        string where = string.Create(
            CultureInfo.InvariantCulture, $"FROM steps WHERE run = $run AND attempt = {attempt} AND step >= {from} AND step < {to}");
        long rows = Read($"SELECT count(*) {where}", run, row => row.GetInt64(0))[0];
        if (rows == to - from)
        {
            return null;
        }

        // What is there is looked at one by one only where something is not.
        HashSet<int> present = [.. Read($"SELECT step {where}", run, row => row.GetInt32(0))];
        int first = Enumerable.Range(from, to - from).First(step => !present.Contains(step));
        int last = to - 1;
        while (present.Contains(last))
        {
            last--;
        }

        return new MissingRows("steps", attempt, first, last, to - from - present.Count);
    }

    /// <summary>Digests of all rows of a run by table.</summary>
    internal IReadOnlyDictionary<string, RowDigest> Digests(string run)
    {
        try
        {
            return TelemetryTables.Digests(_connection, run);
        }
        catch (SqliteException error)
        {
            throw TelemetryTables.Unreadable(_path, error);
        }
    }

    /// <summary>Writes rows in one transaction; all or none.</summary>
    public void Write(IReadOnlyCollection<ITelemetryRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using SqliteTransaction transaction = _connection.BeginTransaction();
        using SqliteCommand steps = Insert(transaction, "steps", 8);
        using SqliteCommand evaluations = Insert(transaction, "evaluations", 5);
        using SqliteCommand measurements = Insert(transaction, "measurements", 14);
        using SqliteCommand values = Insert(transaction, "curvature_values", 7);
        using SqliteCommand densities = Insert(transaction, "densities", 6);
        foreach (ITelemetryRow row in rows)
        {
            switch (row)
            {
                case StepRow { Metrics: var m }:
                    Execute(steps, row.Run, row.Attempt, row.Step, m.Loss, m.Accuracy, m.GradientNorm, m.LearningRate, m.Clipped);
                    break;
                case EvaluationRow { Evaluation: var e }:
                    Execute(evaluations, row.Run, row.Attempt, row.Step, e.Loss, e.Accuracy);
                    break;
                case MeasurementRow { Measurement: var m } measured:
                    Execute(
                        measurements, row.Run, row.Attempt, row.Step, m.Lambda1, m.Residual, m.Converged, m.Products,
                        m.PreconditionedLambda1, m.Examples, m.LearningRate, m.Threshold, m.StabilityRatio, m.Seconds,
                        measured.Lag);
                    break;
                case CurvatureValueRow v:
                    Execute(values, v.Run, v.Attempt, v.Step, v.Kind, v.Name, v.Value, v.Error);
                    break;
                case DensityRow d:
                    Execute(densities, d.Run, d.Attempt, d.Step, Bytes(d.Grid), Bytes(d.Density), Bytes(d.StandardError));
                    break;
                default:
                    throw new ArgumentException($"Telemetry has no table for {row.GetType().Name}.", nameof(rows));
            }
        }

        transaction.Commit();
    }

    /// <summary>All steps of a run in order of attempt and step.</summary>
    public IReadOnlyList<StepRow> Steps(string run) => ReadTable(
        "steps",
        "SELECT attempt, step, loss, accuracy, gradient_norm, learning_rate, clipped FROM steps WHERE run = $run ORDER BY attempt, step",
        run, row => ReadStep(run, row));

    /// <summary>All evaluations of a run in order of attempt and step.</summary>
    public IReadOnlyList<EvaluationRow> Evaluations(string run) => ReadTable(
        "evaluations",
        "SELECT attempt, step, loss, accuracy FROM evaluations WHERE run = $run ORDER BY attempt, step",
        run, row => ReadEvaluation(run, row));

    /// <summary>All measurements of a run in order of attempt and step.</summary>
    public IReadOnlyList<MeasurementRow> Measurements(string run) => ReadTable(
        "measurements",
        $"SELECT {MeasurementColumns} FROM measurements WHERE run = $run ORDER BY attempt, step",
        run, row => ReadMeasurement(run, row));

    /// <summary>All values of kinds of measurement beside lambda1 in order of attempt, step, kind and name.</summary>
    public IReadOnlyList<CurvatureValueRow> CurvatureValues(string run) => ReadTable(
        "curvature_values",
        "SELECT attempt, step, kind, name, value, error FROM curvature_values WHERE run = $run ORDER BY attempt, step, kind, name",
        run, row => new CurvatureValueRow(
            run, row.GetInt32(0), row.GetInt32(1), row.GetString(2), row.GetString(3), Number(row, 4),
            row.IsDBNull(5) ? null : row.GetDouble(5)));

    /// <summary>All densities of a run in order of attempt and step.</summary>
    public IReadOnlyList<DensityRow> Densities(string run) => ReadTable(
        "densities",
        "SELECT attempt, step, grid, density, standard_error FROM densities WHERE run = $run ORDER BY attempt, step",
        run, row => new DensityRow(run, row.GetInt32(0), row.GetInt32(1), Doubles(row, 2), Doubles(row, 3), Doubles(row, 4)));

    /// <summary>The newest step of the newest attempt that has any; null if there is none.</summary>
    public StepRow? LastStep(string run) => ReadTable(
        "steps",
        "SELECT attempt, step, loss, accuracy, gradient_norm, learning_rate, clipped FROM steps WHERE run = $run ORDER BY attempt DESC, step DESC LIMIT 1",
        run, row => ReadStep(run, row)).FirstOrDefault();

    /// <summary>The newest evaluation of the newest attempt that has any; null if there is none.</summary>
    public EvaluationRow? LastEvaluation(string run) => ReadTable(
        "evaluations",
        "SELECT attempt, step, loss, accuracy FROM evaluations WHERE run = $run ORDER BY attempt DESC, step DESC LIMIT 1",
        run, row => ReadEvaluation(run, row)).FirstOrDefault();

    /// <summary>The newest measurement of the newest attempt that has any; null if there is none.</summary>
    public MeasurementRow? LastMeasurement(string run) => ReadTable(
        "measurements",
        $"SELECT {MeasurementColumns} FROM measurements WHERE run = $run ORDER BY attempt DESC, step DESC LIMIT 1",
        run, row => ReadMeasurement(run, row)).FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private const string MeasurementColumns =
        "attempt, step, lambda1, residual, converged, products, preconditioned_lambda1, examples, learning_rate, threshold, stability_ratio, seconds, lag";

    private static TelemetryDatabase Open(string path, SqliteOpenMode mode, int busySeconds) =>
        new(SqliteFile.Open(path, mode, busySeconds), path);

    private static StepRow ReadStep(string run, SqliteDataReader row) => new(run, row.GetInt32(0), new StepMetrics(
        row.GetInt32(1), Number(row, 2), Number(row, 3), Number(row, 4), Number(row, 5), row.GetBoolean(6)));

    private static EvaluationRow ReadEvaluation(string run, SqliteDataReader row) =>
        new(run, row.GetInt32(0), new Evaluation(row.GetInt32(1), Number(row, 2), Number(row, 3)));

    private static MeasurementRow ReadMeasurement(string run, SqliteDataReader row) =>
        new(run, row.GetInt32(0), row.GetInt32(12), new CurvatureMeasurement
        {
            Step = row.GetInt32(1),
            Lambda1 = Number(row, 2),
            Residual = Number(row, 3),
            Converged = row.GetBoolean(4),
            Products = row.GetInt32(5),
            PreconditionedLambda1 = row.IsDBNull(6) ? null : row.GetDouble(6),
            Examples = row.GetInt32(7),
            LearningRate = Number(row, 8),
            Threshold = Number(row, 9),
            StabilityRatio = row.IsDBNull(10) ? null : row.GetDouble(10),
            Seconds = Number(row, 11),
        });

    private static double Number(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? double.NaN : row.GetDouble(column);

    private static byte[] Bytes(EquatableList<double> numbers)
    {
        byte[] bytes = new byte[numbers.Count * sizeof(double)];
        for (int i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), numbers[i]);
        }

        return bytes;
    }

    private static EquatableList<double> Doubles(SqliteDataReader row, int column)
    {
        byte[] bytes = row.GetFieldValue<byte[]>(column);
        return [.. bytes.Chunk(sizeof(double)).Select(number => BinaryPrimitives.ReadDoubleLittleEndian(number))];
    }

    private bool Has(string table) => Read(
        $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'", "", row => row.GetInt64(0))[0] > 0;

    private SqliteCommand Insert(SqliteTransaction transaction, string table, int columns)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.Transaction = transaction;
        IEnumerable<string> names = Enumerable.Range(0, columns).Select(i => string.Create(CultureInfo.InvariantCulture, $"$p{i}"));
        command.CommandText = $"INSERT OR REPLACE INTO {table} VALUES ({string.Join(", ", names)})";
        for (int i = 0; i < columns; i++)
        {
            command.Parameters.Add(new SqliteParameter($"$p{i}", null));
        }

        return command;
    }

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] switch
            {
                null or double.NaN => DBNull.Value,
                object value => value,
            };
        }

        command.ExecuteNonQuery();
    }

    /// <summary>The rows of a query on a table; none where there is no such table.</summary>
    private List<T> ReadTable<T>(string table, string sql, string run, Func<SqliteDataReader, T> read) =>
        Has(table) ? Read(sql, run, read) : [];

    private List<T> Read<T>(string sql, string run, Func<SqliteDataReader, T> read)
    {
        try
        {
            return ReadRows(sql, run, read);
        }
        catch (Exception error) when (error is SqliteException or InvalidCastException or OverflowException
            or FormatException or ArgumentException or InvalidOperationException)
        {
            throw TelemetryTables.Unreadable(_path, error);
        }
    }

    private List<T> ReadRows<T>(string sql, string run, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$run", run);
        using SqliteDataReader rows = command.ExecuteReader();
        var result = new List<T>();
        while (rows.Read())
        {
            result.Add(read(rows));
        }

        return result;
    }
}
