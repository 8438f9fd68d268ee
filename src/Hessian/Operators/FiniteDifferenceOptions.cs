namespace CurvatureActors.Hessian.Operators;

/// <summary>How a <see cref="FiniteDifferenceHessianOperator"/> takes its differences.</summary>
public sealed record FiniteDifferenceOptions
{
    /// <summary>
    /// Two gradients a product instead of one, with an error of e^2 instead of e. At the steps chosen here: about 1e-10
    /// against 1e-8 of the scale in float64, 2e-5 against 3e-4 in float32.
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
