namespace CurvatureActors.Training.Curvature;

/// <summary>
/// At which steps something is measured: each of an attempt's first ones, then by the spacing, and the last one of the
/// run in any case. A pure function of the step, so that a resumed run is measured where an uninterrupted one is.
/// </summary>
/// <param name="DenseSteps">So many first steps of an attempt, the trainer waiting for each.</param>
/// <param name="Spacing">How the others lie.</param>
/// <param name="Every">Linear: the steps that this divides, 0 included; at least 1.</param>
/// <param name="PerDecade">Logarithmic: step 0 and round(10^(k / this)) for k = 0, 1, 2, ...; at least 1.</param>
public sealed record MeasurementSchedule(int DenseSteps, Spacing Spacing, int Every, int PerDecade)
{
    /// <summary>Whether a step is one of an attempt's first ones.</summary>
    /// <param name="step">Updates made before, from the attempt's first step on.</param>
    /// <param name="attemptFrom">Step that the attempt began at.</param>
    public bool IsDense(int step, int attemptFrom) => step - attemptFrom < DenseSteps;

    /// <summary>Whether to measure at a step.</summary>
    /// <param name="step">Updates made before, from the attempt's first step on.</param>
    /// <param name="attemptFrom">Step that the attempt began at.</param>
    /// <param name="lastStep">All updates of the run: the step of its last snapshot.</param>
    public bool IsDue(int step, int attemptFrom, int lastStep) =>
        IsDense(step, attemptFrom) || step == lastStep || step == 0 || (Spacing == Spacing.Logarithmic ? IsPower(step) : step % Every == 0);

    /// <summary>Whether step = round(10^(k / PerDecade)) for a whole k: one lies between the logarithms of step -+ 1/2.</summary>
    private bool IsPower(int step) =>
        Math.Ceiling(PerDecade * Math.Log10(step - 0.5)) < PerDecade * Math.Log10(step + 0.5);
}
