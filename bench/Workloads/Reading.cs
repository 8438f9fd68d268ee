namespace CurvatureActors.Bench.Workloads;

/// <summary>What one workload did in one turn.</summary>
/// <param name="StepsPerSecond">Optimizer steps by the clock, of all trainers together, start-up left out.</param>
/// <param name="ProcessorMicroseconds">Processor time of the whole process per step.</param>
internal record Reading(double StepsPerSecond, double ProcessorMicroseconds);
