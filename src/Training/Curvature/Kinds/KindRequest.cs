namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>A kind of measurement that is wanted.</summary>
/// <param name="Kind">Its name in <see cref="MeasurementKinds"/>.</param>
/// <param name="Settings">Its settings.</param>
public sealed record KindRequest(string Kind, EquatableList<SettingValue> Settings)
{
    /// <summary>The value of a setting.</summary>
    /// <exception cref="ArgumentException">It is not among the settings.</exception>
    public int this[string setting] => Settings.FirstOrDefault(value => value.Name == setting)?.Value
        ?? throw new ArgumentException($"The kind {Kind} has no setting \"{setting}\".", nameof(setting));
}

/// <summary>The value of a <see cref="KindSetting"/>.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Value">Its value.</param>
public sealed record SettingValue(string Name, int Value);
