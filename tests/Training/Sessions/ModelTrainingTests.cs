using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>Each of the larger models through session and probe: it learns, resumes to the bit, and can be measured.</summary>
public class ModelTrainingTests
{
    public static TheoryData<string, string> Models()
    {
        TheoryData<string, string> data = [];
        foreach ((string kind, string variant) in ModelSamples.All)
        {
            data.Add(kind, variant);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Given_a_model_When_trained_for_20_steps_Then_the_loss_falls_and_a_resumed_session_ends_the_same(
        string kind, string variant)
    {
        RunSpecification run = Fixtures.Run(
            ModelSamples.Model(kind, variant), Fixtures.Optimizer("adam", learningRate: 0.02), steps: 20, batchSize: 16);
        run = run with { Schedule = run.Schedule with { WarmupSteps = 0 } };
        DataSplit data = Data(kind);
        using TrainingSession session = TrainingSession.Create(run, data, CPU);
        double before = session.Evaluate().Loss;
        while (session.Step < 10)
        {
            Assert.Null(session.Advance().Verdict);
        }

        using SnapshotBuffer middle = session.Capture(Fixtures.Origin);
        while (!session.Finished)
        {
            Assert.Null(session.Advance().Verdict);
        }

        Assert.True(session.Evaluate().Loss < 0.97 * before, $"{before} {session.Evaluate()}");
        using TrainingSession resumed = TrainingSession.Create(run, data, CPU);
        resumed.Restore(middle);
        while (!resumed.Finished)
        {
            _ = resumed.Advance();
        }

        Assert.Equal(session.ParametersSha256(), resumed.ParametersSha256());
        using CurvatureProbe probe = new(run, data.Train);
        CurvatureMeasurement measurement = probe.MeasureCold(middle);
        Assert.True(double.IsFinite(measurement.Lambda1) && measurement.Lambda1 > 0, $"{measurement}");
    }

    private static DataSplit Data(string kind) => ModelSamples.Shape(kind) is SequenceShape sequence
        ? new(Text(600, sequence.Length), Text(200, sequence.Length))
        : new(Fixtures.Images(64, 1, ModelSamples.Size, ModelSamples.Classes), Fixtures.Images(32, 2, ModelSamples.Size, ModelSamples.Classes));

    // 0 1 2 0 1 2 ...: the next symbol is a function of the last.
    private static TextDataSet Text(int symbols, int length) =>
        new([.. Enumerable.Range(0, symbols).Select(i => (long)(i % 3))], length, ModelSamples.Classes);
}
