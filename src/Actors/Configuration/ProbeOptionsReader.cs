using CurvatureActors.Training;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Reads the keys of <c>probe</c> that only observe.</summary>
internal static class ProbeOptionsReader
{
    public static ProbeOptions Read(SettingsReader from)
    {
        ProbeKind[] kinds = [.. MeasurementKinds.All.Names.Select(kind => Kind(from, kind)).OfType<ProbeKind>()];
        MeasurementSchedule lambda1 = Schedule(from, "probe");
        return new ProbeOptions(
            lambda1.DenseSteps,
            lambda1.Every,
            Enum.Parse<ProbePolicy>(from.OneOf("probe.policy", AllowedNames.ProbePolicies), ignoreCase: true),
            from.Whole("probe.workers", minimum: 1, maximum: 1024))
        {
            Spacing = lambda1.Spacing,
            PerDecade = lambda1.PerDecade,
            GraphMemory = from.MegabytesOr("auto", "probe.graph-memory"),
            Kinds = kinds.Length == 0 ? null : new EquatableList<ProbeKind>(kinds),
        };
    }

    /// <summary>Null for a kind that is off; its settings are checked all the same.</summary>
    private static ProbeKind? Kind(SettingsReader from, string kind)
    {
        string section = $"probe.kinds.{kind}";
        bool enabled = from.Switch($"{section}.enabled");
        var measured = new ProbeKind(
            new KindRequest(kind,
            [
                .. MeasurementKinds.All[kind].Settings.Select(setting =>
                    new SettingValue(setting.Name, from.Whole($"{section}.{setting.Name}", setting.Minimum))),
            ]),
            Schedule(from, section));
        return enabled ? measured : null;
    }

    /// <summary>When lambda1, or a kind in its own section, is measured.</summary>
    public static MeasurementSchedule Schedule(SettingsReader from, string section) => new(
        from.Whole($"{section}.dense-steps", minimum: 0, of: "steps"),
        Enum.Parse<Spacing>(from.OneOf($"{section}.spacing", AllowedNames.Spacings), ignoreCase: true),
        from.Whole($"{section}.every", minimum: 1, of: "steps"),
        from.Whole($"{section}.per-decade", minimum: 1));
}
