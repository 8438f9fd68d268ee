using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Training.Sessions;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Tests.Telemetry;

public sealed class TelemetryDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["telemetry.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Given_rows_then_they_are_read_back_as_they_were_while_the_writer_is_open()
    {
        StepRow[] steps = [Rows.Step(0), Rows.Step(1), Rows.Step(1, attempt: 2), Rows.Step(7, run: "other")];
        EvaluationRow evaluation = new("run", 2, new Evaluation(1, 0.7, 0.8));
        MeasurementRow[] measurements = [Rows.Measurement(0, ratio: null), Rows.Measurement(1)];
        using TelemetryDatabase writer = TelemetryDatabase.OpenWriter(Path);
        using TelemetryDatabase reader = TelemetryDatabase.OpenReader(Path)!;
        Assert.Empty(reader.Steps("run"));

        writer.Write([.. steps.Reverse(), evaluation, .. measurements]);

        Assert.Equal(steps[..3], reader.Steps("run"));
        Assert.Equal([steps[3]], reader.Steps("other"));
        Assert.Equal([evaluation], reader.Evaluations("run"));
        Assert.Equal(measurements, reader.Measurements("run"));
        Assert.Equal(steps[2], reader.LastStep("run"));
        Assert.Equal(evaluation, reader.LastEvaluation("run"));
        Assert.Equal(measurements[1], reader.LastMeasurement("run"));
        Assert.Null(reader.LastStep("nobody"));
    }

    [Fact]
    public void Given_kinds_of_measurement_then_values_and_densities_are_read_back_as_they_were()
    {
        CurvatureValueRow[] values =
        [
            Rows.Value(0, "classifier.weight/lambda1", kind: "layers"), Rows.Value(0, "classifier.weight/share", 0.1, null, "layers"),
            Rows.Value(0), Rows.Value(0, "products", 60, null), Rows.Value(5, value: double.NaN), Rows.Value(3, attempt: 2),
        ];
        DensityRow[] densities = [Rows.Density(0), Rows.Density(5, double.NaN)];
        using TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path);
        Assert.Empty(database.CurvatureValues("run"));
        Assert.Empty(database.Densities("run"));

        database.Write([.. values.Reverse(), .. densities, Rows.Step(0)]);

        Assert.Equal(values, database.CurvatureValues("run"));
        Assert.Equal(densities, database.Densities("run"));
        Assert.Empty(database.CurvatureValues("other"));

        // Measured again, as after a crash: the same keys are replaced.
        database.Write([values[2] with { Value = 8 }, densities[0] with { Density = [1, 2, 3] }]);
        Assert.Equal(values.Length, database.CurvatureValues("run").Count);
        Assert.Equal(8, database.CurvatureValues("run")[2].Value);
        Assert.Equal([1, 2, 3], database.Densities("run")[0].Density);
    }

    [Fact]
    public void Given_a_file_of_an_earlier_version_then_it_is_read_and_what_it_lacks_is_empty()
    {
        using (TelemetryDatabase writer = TelemetryDatabase.OpenWriter(Path))
        {
            writer.Write([Rows.Step(0), Rows.Measurement(0)]);
        }

        using (SqliteConnection connection = new($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "DROP TABLE curvature_values; DROP TABLE densities; PRAGMA user_version = 0";
            command.ExecuteNonQuery();
        }

        using (TelemetryDatabase reader = TelemetryDatabase.OpenReader(Path)!)
        {
            Assert.Single(reader.Measurements("run"));
            Assert.Empty(reader.CurvatureValues("run"));
            Assert.Empty(reader.Densities("run"));
        }

        // A writer adds what is missing and leaves the rest.
        using TelemetryDatabase again = TelemetryDatabase.OpenWriter(Path);
        again.Write([Rows.Value(0), Rows.Density(0)]);
        Assert.Single(again.Measurements("run"));
        Assert.Single(again.CurvatureValues("run"));
        Assert.Single(again.Densities("run"));
    }

    /// <summary>The number says that tables were made: without them, what was there is gone.</summary>
    [Fact]
    public void Given_a_file_whose_tables_were_made_and_are_gone_then_it_is_refused()
    {
        TelemetryDatabase.OpenWriter(Path).Dispose();
        using (SqliteConnection connection = new($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                "DROP TABLE steps; DROP TABLE evaluations; DROP TABLE measurements; DROP TABLE curvature_values; DROP TABLE densities";
            command.ExecuteNonQuery();
        }

        string message = Assert.Throws<StateDirectoryException>(() => TelemetryDatabase.OpenReader(Path)).Message;
        Assert.StartsWith($"{Path} has lost its table steps", message, StringComparison.Ordinal);
        Assert.Equal(message, Assert.Throws<StateDirectoryException>(() => TelemetryDatabase.OpenWriter(Path)).Message);
    }

    [Fact]
    public void Given_a_step_trained_again_then_its_row_is_replaced()
    {
        using TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path);
        database.Write([Rows.Step(0, loss: 1), Rows.Step(1, loss: 2), Rows.Measurement(0, lambda1: 3)]);
        database.Write([Rows.Step(1, loss: 4), Rows.Step(1, loss: 5), Rows.Measurement(0, lambda1: 6)]);
        Assert.Equal([1, 5], database.Steps("run").Select(row => row.Metrics.Loss));
        Assert.Equal(6, Assert.Single(database.Measurements("run")).Measurement.Lambda1);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    [InlineData(0.1)]
    public void Given_any_number_then_it_is_read_back_to_the_bit(double value)
    {
        StepRow step = new("run", 1, new StepMetrics(0, value, value, value, value, Clipped: false));
        EvaluationRow evaluation = new("run", 1, new Evaluation(0, value, 0));
        MeasurementRow measurement = Rows.Measurement(0, value);
        using TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path);
        database.Write([step, evaluation, measurement]);
        Assert.Equal(step, Assert.Single(database.Steps("run")));
        Assert.Equal(evaluation, Assert.Single(database.Evaluations("run")));
        Assert.Equal(measurement, Assert.Single(database.Measurements("run")));
    }

    [Fact]
    public void Given_a_row_that_cannot_be_written_then_none_of_its_batch_is()
    {
        using TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path);
        Assert.Throws<ArgumentException>(() => database.Write([Rows.Step(0), new Stranger()]));
        Assert.Empty(database.Steps("run"));
        database.Write([Rows.Step(1)]);
        Assert.Equal(1, Assert.Single(database.Steps("run")).Step);
    }

    [Fact]
    public void Given_no_file_then_there_is_nothing_to_read_and_none_is_made()
    {
        Assert.Null(TelemetryDatabase.OpenReader(Path));
        Assert.False(File.Exists(Path));
    }

    private sealed record Stranger : ITelemetryRow
    {
        public string Run => "run";

        public int Attempt => 1;

        public int Step => 0;
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("measurements")]
    [InlineData("densities")]
    public void Given_a_table_that_is_gone_then_it_is_named_and_not_made_again(string table)
    {
        using (TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path))
        {
            database.Write([Rows.Step(0)]);
        }

        Execute($"DROP TABLE {table}");

        foreach (Action open in (Action[])[() => TelemetryDatabase.OpenWriter(Path), () => TelemetryDatabase.OpenReader(Path)])
        {
            string message = Assert.Throws<StateDirectoryException>(open).Message;
            Assert.StartsWith($"{Path} has lost its table {table}; put back a copy", message, StringComparison.Ordinal);
        }

        Assert.Equal(0, Execute($"SELECT count(*) FROM sqlite_master WHERE name = '{table}'"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Given_a_file_of_a_version_with_fewer_tables_then_it_gets_the_others_unless_one_it_had_is_gone(bool whole)
    {
        using (TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path))
        {
            database.Write([Rows.Step(0)]);
        }

        Execute("DROP TABLE densities; DROP TABLE curvature_values; PRAGMA user_version = 0;" + (whole ? "" : "DROP TABLE evaluations"));

        if (whole)
        {
            using TelemetryDatabase again = TelemetryDatabase.OpenWriter(Path);
            again.Write([Rows.Density(0)]);
            Assert.Equal([Rows.Step(0)], again.Steps("run"));
        }
        else
        {
            Assert.Contains("evaluations", Assert.Throws<StateDirectoryException>(() => TelemetryDatabase.OpenWriter(Path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Given_a_creation_that_an_earlier_version_did_not_finish_then_it_is_finished()
    {
        TelemetryDatabase.OpenWriter(Path).Dispose();
        Execute("DROP TABLE measurements; DROP TABLE evaluations; DROP TABLE densities; DROP TABLE curvature_values; PRAGMA user_version = 0");

        using TelemetryDatabase again = TelemetryDatabase.OpenWriter(Path);
        again.Write([Rows.Measurement(0)]);
        Assert.Single(again.Measurements("run"));
    }

    [Theory]
    [InlineData("step = 3", 3, 3, 1)]
    [InlineData("step IN (2, 5)", 2, 5, 2)]
    [InlineData("step > 6", 7, 9, 3)]
    [InlineData("step < 4", 2, 3, 2)]
    [InlineData("1", 2, 9, 8)]
    public void Given_rows_that_are_gone_then_it_is_known_which(string which, int first, int last, int rows)
    {
        using TelemetryDatabase database = TelemetryDatabase.OpenWriter(Path);
        database.Write([.. Enumerable.Range(0, 12).Select(step => Rows.Step(step, attempt: 2)), Rows.Step(3), Rows.Step(3, run: "other")]);
        Assert.Null(database.Missing("run", 2, 2, 10));

        Execute($"DELETE FROM steps WHERE run = 'run' AND attempt = 2 AND ({which})");

        Assert.Equal(new MissingRows("steps", 2, first, last, rows), database.Missing("run", 2, 2, 10));
    }

    [Fact]
    public void Given_a_pipe_then_nobody_waits_for_it()
    {
        OddFiles.Pipe(Path);
        foreach (Action open in (Action[])[() => TelemetryDatabase.OpenWriter(Path), () => TelemetryDatabase.OpenReader(Path)])
        {
            Assert.StartsWith($"{Path} is a pipe, no database", Assert.Throws<StateDirectoryException>(open).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>By a connection of its own.</summary>
    private long Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
