using System.Text.Json;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// Whether the name and the varied keys of a run say what its specification holds. The identity covers the specification
/// alone; tables and figures are made from the other two.
/// </summary>
/// <remarks>
/// Which fields a key fills is found by reading it with other values, those of the experiment's other runs among them: so
/// there is no second list. A key that fills nothing in the run at hand (a number of the model that it is not) is passed over.
/// </remarks>
internal sealed class SweepPointCheck
{
    private const int MostOthers = 2;

    /// <summary>Follows from the version that planned the run, and not from a key.</summary>
    private const string OfVersion = "model.fusedNormalization";

    private readonly string _experiment;
    private readonly Dictionary<string, string[]> _values;

    /// <param name="experiment">The experiment's name.</param>
    /// <param name="runs">Its runs.</param>
    public SweepPointCheck(string experiment, IEnumerable<PlannedRun> runs)
    {
        _experiment = experiment;
        _values = runs.SelectMany(run => run.Parameters)
            .GroupBy(parameter => parameter.Key, parameter => parameter.Value)
            .ToDictionary(key => key.Key, key => key.Distinct().ToArray());
    }

    /// <summary>What does not fit, in words that follow the run's name; null when all does.</summary>
    public string? Misfit(PlannedRun run)
    {
        if (!Names(run))
        {
            return $"is called \"{run.Name}\", and its varied keys are {Listed(run.Parameters)}";
        }

        Settings settings = Kinds(run.Specification);
        if (TryRead(settings) is null)
        {
            // Of a version whose kinds this one does not have.
            return null;
        }

        foreach ((string key, string text) in run.Parameters)
        {
            settings.Set(key, Value(text));
        }

        if (TryRead(settings) is not { } told)
        {
            return $"has values of varied keys that no run can have: {Listed(run.Parameters)}";
        }

        Dictionary<string, string> actual = Fields(run.Specification);
        foreach ((string key, string text) in run.Parameters)
        {
            if (FieldsOf(key, text, settings, told).FirstOrDefault(field => Of(told, field) != Of(actual, field)) is { } field)
            {
                return $"has {key} = {text} among its varied keys, and {field} = {Of(actual, field)} in its specification";
            }
        }

        return null;
    }

    /// <summary>The fields that differ where a key has another value.</summary>
    private HashSet<string> FieldsOf(string key, string text, Settings settings, Dictionary<string, string> told)
    {
        HashSet<string> fields = [];
        IEnumerable<ConfigurationValue> others = _values[key].Where(value => value != text).Take(MostOthers).Select(Value);
        foreach (ConfigurationValue other in ReferenceConfiguration.Defaults.TryGet(key) is { } usual ? others.Prepend(usual) : others)
        {
            Settings changed = settings.Copy();
            changed.Set(key, other);
            if (TryRead(changed) is { } instead)
            {
                fields.UnionWith(told.Keys.Union(instead.Keys).Where(field => Of(told, field) != Of(instead, field)));
            }
        }

        fields.Remove(OfVersion);
        return fields;
    }

    /// <summary>The defaults, with what decides which keys are looked at.</summary>
    private static Settings Kinds(RunSpecification run)
    {
        Settings settings = ReferenceConfiguration.Defaults.Copy();
        Set("data.name", run.Data.Name);
        Set("model.kind", run.Model.Kind);
        Set("optimizer.kind", run.Optimizer.Kind);
        Set("schedule.kind", run.Schedule.Kind);
        Set("schedule.warmup-steps", $"{run.Schedule.WarmupSteps}");
        Set("training.loss", run.Training.Loss);
        return settings;

        void Set(string key, string value) => settings.Set(key, new TextValue(value));
    }

    private static Dictionary<string, string>? TryRead(Settings settings)
    {
        try
        {
            return Fields(RunSpecificationReader.Read(new SettingsReader(settings)));
        }
        catch (ConfigurationException)
        {
            return null;
        }
    }

    /// <summary>A specification as a text for each path; null is as good as nothing.</summary>
    private static Dictionary<string, string> Fields(RunSpecification run)
    {
        Dictionary<string, string> fields = [];
        using var document = JsonDocument.Parse(SpecificationJson.Canonical(run));
        Collect(document.RootElement, "");
        return fields;

        void Collect(JsonElement element, string path)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Collect(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                }
            }
            else if (element.ValueKind != JsonValueKind.Null)
            {
                fields[path] = element.GetRawText();
            }
        }
    }

    private static string Of(Dictionary<string, string> fields, string field) => fields.GetValueOrDefault(field, "nothing");

    /// <summary>As the sweep wrote it down: lists as HOCON, all else as it is.</summary>
    private static ConfigurationValue Value(string text)
    {
        if (!text.StartsWith('['))
        {
            return new TextValue(text);
        }

        try
        {
            return HoconParser.ParseValue(text, "journal");
        }
        catch (ConfigurationException)
        {
            return new TextValue(text);
        }
    }

    /// <summary>Whether the name is made of the varied keys, each in full or by its last part.</summary>
    private bool Names(PlannedRun run)
    {
        if (run.Parameters.Count == 0)
        {
            return run.Name == _experiment;
        }

        string rest = run.Name + " ";
        foreach ((string key, string value) in run.Parameters)
        {
            if (((string[])[$"{key}={value} ", $"{NearestName.LastSegment(key)}={value} "])
                .FirstOrDefault(part => rest.StartsWith(part, StringComparison.Ordinal)) is not { } said)
            {
                return false;
            }

            rest = rest[said.Length..];
        }

        return rest.Length == 0;
    }

    private static string Listed(IReadOnlyDictionary<string, string> parameters) => parameters.Count == 0
        ? "none"
        : string.Join(", ", parameters.Select(parameter => $"{parameter.Key} = {parameter.Value}"));
}
