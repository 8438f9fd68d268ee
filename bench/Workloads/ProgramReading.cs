namespace CurvatureActors.Bench.Workloads;

/// <summary>What the whole program did in one turn. Rates are between the first and the last report of steps.</summary>
/// <param name="StepsPerSecond">Steps of all runs together while all were training.</param>
/// <param name="ProcessorMicroseconds">Processor time of the whole process per step, in the same time.</param>
/// <param name="WallSeconds">From before the actor system starts until after it has stopped.</param>
/// <param name="DenseSeconds">From the first report of a step to that of step 20, the end of the default dense phase.</param>
/// <param name="Measurements">Values of lambda1 in the telemetry.</param>
internal sealed record ProgramReading(
    double StepsPerSecond, double ProcessorMicroseconds, double WallSeconds, double DenseSeconds, int Measurements)
    : Reading(StepsPerSecond, ProcessorMicroseconds);
