namespace CurvatureActors.Hessian.Operators;

/// <summary>How a <see cref="FiniteDifferenceHessianOperator"/> takes its differences.</summary>
public sealed record FiniteDifferenceOptions
{
    /// <summary>
    /// Two gradients a product instead of one, with an error of e^2 instead of e. At the steps chosen here, measured on
    /// small smooth nets and relative to the product's norm: below 1e-9 against 1e-7 in float64, 1e-3 against 3e-3 in
    /// float32.
    /// </summary>
    public bool Central { get; init; } = true;

    /// <summary>
    /// e, the length of the displacement relative to 1 + |p| (p all parameters); above 0. When null the square root of
    /// the rounding of the type for one-sided and its cube root for central differences, which balances truncation and
    /// rounding.
    /// </summary>
    public double? RelativeStep { get; init; }

    internal void Validate()
    {
        if (RelativeStep is { } step && !(step > 0 && double.IsFinite(step)))
        {
            throw new ArgumentOutOfRangeException(nameof(RelativeStep), step, "The step must be finite and above 0.");
        }
    }
}
