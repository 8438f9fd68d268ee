using CurvatureActors.Bench.Workloads;

namespace CurvatureActors.Bench.Throughput;

/// <summary>Something measured against a bare loop.</summary>
/// <param name="name">What it is called.</param>
/// <param name="bare">A turn of the bare loop.</param>
/// <param name="run">A turn of the workload with so many steps.</param>
internal sealed class Workload(string name, Func<Reading> bare, Func<int, Task<Reading>> run)
{
    private readonly List<Comparison> _turns = [];

    internal string Name => name;

    internal Func<Reading> Bare => bare;

    internal Func<int, Task<Reading>> Run => run;

    internal Comparison Add(Reading before, Reading measured, Reading after)
    {
        Comparison comparison = new(before, measured, after);
        _turns.Add(comparison);
        return comparison;
    }

    internal void Print()
    {
        Console.WriteLine($"{name}");
        Line("bare loop, steps/s", turn => turn.Bare, "F0");
        Line("steps/s", turn => turn.Measured.StepsPerSecond, "F0");
        Line("ratio of steps/s", turn => turn.Ratio, "F3");
        Line("processor time a step, ratio", turn => turn.ProcessorRatio, "F3");
        if (_turns.Any(turn => turn.Measured is ProgramReading))
        {
            ProgramReading[] readings = [.. _turns.Select(turn => turn.Measured).OfType<ProgramReading>()];
            Line("whole wall time, s", readings.Select(reading => reading.WallSeconds), "F2");
            Line("first 20 steps, s", readings.Select(reading => reading.DenseSeconds), "F2");
            Line("values of lambda1", readings.Select(reading => (double)reading.Measurements), "F0");
        }
    }

    private void Line(string what, Func<Comparison, double> value, string format) => Line(what, _turns.Select(value), format);

    private static void Line(string what, IEnumerable<double> values, string format) =>
        Console.WriteLine($"  {what,-30} {Spread.Of(values).Show(format)}");
}
