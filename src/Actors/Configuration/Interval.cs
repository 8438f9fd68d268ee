namespace CurvatureActors.Actors.Configuration;

/// <summary>The numbers that a key allows, with the words that an error uses for them.</summary>
internal sealed record Interval(string Words, Func<double, bool> Contains)
{
    public static Interval Positive { get; } = new("a number above 0", value => value > 0);

    public static Interval Finite { get; } = new("a finite number", _ => true);

    public static Interval NotNegative { get; } = new("a number of at least 0", value => value >= 0);

    public static Interval AboveOne { get; } = new("a number above 1", value => value > 1);

    public static Interval ZeroToOne { get; } = new("a number from 0 to 1", value => value is >= 0 and <= 1);

    public static Interval ZeroToBelowOne { get; } = new("a number from 0 to below 1", value => value is >= 0 and < 1);

    public static Interval BetweenZeroAndOne { get; } = new("a number above 0 and below 1", value => value is > 0 and < 1);

    public static Interval AboveZeroToOne { get; } = new("a number above 0 and at most 1", value => value is > 0 and <= 1);

    public static Interval Percent { get; } = new("a number above 0 and at most 100", value => value is > 0 and <= 100);
}
