using System.Globalization;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// From a sweep to its runs: explicit points x grid x samples x seeds, the first varying slowest. Points that come to
/// the same specification (by a value listed twice, or written in two ways) are one run, the first of them.
/// </summary>
internal static class SweepExpansion
{
    // Far above what one journal is meant for; a slip of the pen in a grid should not fill the memory.
    private const int MaximumRuns = 10_000;

    /// <summary>Keys of a run that all runs of an experiment share, with the reason.</summary>
    private static readonly Dictionary<string, string> Shared = new()
    {
        ["training.threads"] = "the number of threads belongs to the whole process",
        ["data.directory"] = "a run is the same wherever its files lie",
        ["model.assembly"] = "a run is the same wherever its files lie",
    };

    /// <summary>The runs, each validated as a whole.</summary>
    public static IReadOnlyList<PlannedRun> Expand(Settings settings, string experiment)
    {
        SettingsReader reader = new(settings);
        List<Point> points = [[]];
        points = Cross(points, Explicit(reader));
        foreach ((string key, IReadOnlyList<ConfigurationValue> values) in Lists(reader, "sweep.grid"))
        {
            points = Cross(points, [.. values.Select(value => new Point { [key] = value })]);
        }

        int baseSeed = reader.Whole("seed", minimum: 0);
        points = Cross(points, Samples(settings, reader, baseSeed));
        points = Cross(points, Seeds(reader, baseSeed, points));

        Func<string, string> shortKey = ShortKeys(points);
        OrderedDictionary<string, PlannedRun> runs = [];
        foreach (Point point in points)
        {
            PlannedRun run = Plan(settings, point, experiment, shortKey);
            _ = runs.TryAdd(run.Run, run);
        }

        return [.. runs.Values];
    }

    private static PlannedRun Plan(Settings settings, Point point, string experiment, Func<string, string> shortKey)
    {
        Settings own = settings.Copy();
        OrderedDictionary<string, string> parameters = [];
        foreach ((string key, ConfigurationValue value) in point)
        {
            own.Set(key, value);
            parameters[key] = value is TextValue text ? text.Text : value.Render();
        }

        string name = point.Count == 0
            ? experiment
            : string.Join(' ', parameters.Select(parameter => $"{shortKey(parameter.Key)}={parameter.Value}"));
        try
        {
            RunSpecification specification = RunSpecificationReader.Read(new SettingsReader(own));
            RunValidation.Check(specification);
            return new PlannedRun(specification.Identity(), name, parameters, specification);
        }
        catch (ConfigurationException error) when (point.Count > 0)
        {
            // Still one sentence, which now says which point of the sweep it is about.
            throw new ConfigurationException($"{error.Message.TrimEnd('.')} (run \"{name}\").", error);
        }
    }

    private static List<Point> Explicit(SettingsReader reader)
    {
        List<Point> points = [];
        foreach (ConfigurationValue item in reader.Items("sweep.runs", "a list of sections"))
        {
            if (item is not SectionValue section)
            {
                throw SettingsReader.Mismatch("sweep.runs", item, "a section such as { \"optimizer.learning-rate\" = 0.3 }");
            }

            points.Add([.. RunKeys(section.Leaves())]);
        }

        return points;
    }

    private static List<Point> Samples(Settings settings, SettingsReader reader, int seed)
    {
        int samples = reader.Whole("sweep.samples", minimum: 1, MaximumRuns);
        Dictionary<string, Func<double, ConfigurationValue>> draws = [];
        OrderedDictionary<string, KeyDraws> generators = [];
        foreach ((string key, IReadOnlyList<ConfigurationValue> values) in Lists(reader, "sweep.random"))
        {
            Add(key, uniform => values[(int)(uniform * values.Count)]);
        }

        foreach ((string key, IReadOnlyList<ConfigurationValue> bounds) in Lists(reader, "sweep.log-uniform"))
        {
            if (bounds.Count != 2
                || SettingsReader.TryNumber(bounds[0]) is not double low
                || SettingsReader.TryNumber(bounds[1]) is not double high
                || low <= 0
                || high < low)
            {
                throw SettingsReader.Mismatch(
                    $"sweep.log-uniform.\"{key}\"", new ListValue(bounds), "[low, high] with 0 < low <= high");
            }

            // A bound that no draw comes to is still one that must be allowed: the next seed may come closer.
            RequireAllowed(settings, key, LogUniform(key, low, high, 0));
            RequireAllowed(settings, key, LogUniform(key, low, high, 1));
            Add(key, uniform => LogUniform(key, low, high, uniform));
        }

        List<Point> points = [];
        for (int i = 0; i < samples && generators.Count > 0; i++)
        {
            points.Add([.. generators.Select(generator =>
                KeyValuePair.Create(generator.Key, draws[generator.Key](generator.Value.Next())))]);
        }

        return points;

        void Add(string key, Func<double, ConfigurationValue> draw)
        {
            if (!generators.TryAdd(key, new KeyDraws(seed, key)))
            {
                throw VariedTwice(key);
            }

            draws.Add(key, draw);
        }
    }

    /// <summary>Reads a key with a bound of its draws. What else may be wrong with such a run is not asked here.</summary>
    private static void RequireAllowed(Settings settings, string key, TextValue bound)
    {
        Settings own = settings.Copy();
        own.Set(key, bound);
        try
        {
            _ = RunSpecificationReader.Read(new SettingsReader(own));
        }
        catch (ConfigurationException error) when (error.Message.StartsWith($"{ReferenceConfiguration.Prefix}{key} is ", StringComparison.Ordinal))
        {
            throw new ConfigurationException(
                $"{error.Message.TrimEnd('.')} (a bound of {ReferenceConfiguration.Prefix}sweep.log-uniform).", error);
        }
    }

    private static TextValue LogUniform(string key, double low, double high, double uniform)
    {
        bool whole = RunSpecificationReader.WholeNumbers.Contains(key);
        if (whole && Math.Ceiling(low) > Math.Floor(high))
        {
            throw new ConfigurationException(
                $"{ReferenceConfiguration.Prefix}sweep.log-uniform.\"{key}\" is [{Invariant(low)}, {Invariant(high)}]; "
                + $"{ReferenceConfiguration.Prefix}{key} is a whole number, and there is none between the two.");
        }

        // Through the logarithms: high / low may be beyond a double's range.
        double value = Math.Exp(Math.Log(low) + (uniform * (Math.Log(high) - Math.Log(low))));
        if (whole)
        {
            // The bounds need not be whole: the nearest number may lie beyond them.
            return new TextValue(
                Math.Clamp(Math.Round(value), Math.Ceiling(low), Math.Floor(high)).ToString("F0", CultureInfo.InvariantCulture));
        }

        // Four digits: a name that one can read, and a value that the name gives in full. Rounding may step over a bound.
        double rounded = double.Parse(value.ToString("E3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return new TextValue(Invariant(Math.Clamp(rounded, low, high)));

        static string Invariant(double number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static List<Point> Seeds(SettingsReader reader, int first, List<Point> points)
    {
        int seeds = reader.Whole("sweep.seeds", minimum: 1, MaximumRuns);
        if (seeds == 1)
        {
            return [];
        }

        if (points.Exists(point => point.ContainsKey("seed")))
        {
            throw VariedTwice("seed");
        }

        return first > int.MaxValue - seeds
            ? throw SettingsReader.Refused(
                "seed", new TextValue($"{first}"), $"a whole number of at most {int.MaxValue - seeds} with sweep.seeds = {seeds}")
            : [.. Enumerable.Range(first, seeds).Select(seed => new Point { ["seed"] = new TextValue($"{seed}") })];
    }

    private static IEnumerable<(string Key, IReadOnlyList<ConfigurationValue> Values)> Lists(SettingsReader reader, string map)
    {
        foreach ((string key, ConfigurationValue value) in RunKeys(reader.Members(map)))
        {
            yield return value is ListValue { Items.Count: > 0 } list
                ? (key, list.Items)
                : throw SettingsReader.Mismatch($"{map}.\"{key}\"", value, "a list of one or more values");
        }
    }

    // Keys with or without the leading "curvature.".
    private static IEnumerable<KeyValuePair<string, ConfigurationValue>> RunKeys(
        IEnumerable<KeyValuePair<string, ConfigurationValue>> members)
    {
        HashSet<string> seen = [];
        foreach ((string name, ConfigurationValue value) in members)
        {
            string key = ReferenceConfiguration.Short(name);
            CheckRunKey(key);
            yield return seen.Add(key) ? KeyValuePair.Create(key, value) : throw VariedTwice(key);
        }
    }

    private static void CheckRunKey(string key)
    {
        if (Shared.TryGetValue(key, out string? reason))
        {
            throw new ConfigurationException($"{ReferenceConfiguration.Prefix}{key} cannot be varied by a sweep; {reason}.");
        }

        if (!RunSpecificationReader.Keys.Contains(key))
        {
            throw ReferenceConfiguration.Keys.Contains(key)
                ? new ConfigurationException(
                    $"{ReferenceConfiguration.Prefix}{key} cannot be varied by a sweep; it is the same for all runs of an experiment.")
                : Settings.UnknownKey(key, RunSpecificationReader.Keys.Except(Shared.Keys));
        }
    }

    private static List<Point> Cross(List<Point> slower, List<Point> faster)
    {
        if (faster.Count == 0)
        {
            return slower;
        }

        if ((long)slower.Count * faster.Count > MaximumRuns)
        {
            throw new ConfigurationException(
                $"curvature.sweep describes {(long)slower.Count * faster.Count} runs or more; allowed are {MaximumRuns}.");
        }

        List<Point> points = [];
        foreach (Point left in slower)
        {
            foreach (Point right in faster)
            {
                Point point = [.. left];
                foreach ((string key, ConfigurationValue value) in right)
                {
                    if (!point.TryAdd(key, value))
                    {
                        throw VariedTwice(key);
                    }
                }

                points.Add(point);
            }
        }

        return points;
    }

    private static ConfigurationException VariedTwice(string key) =>
        new($"curvature.sweep varies {ReferenceConfiguration.Prefix}{key} twice; name each key once.");

    // The last segment, unless two of the varied keys share it (training.batch-size and probe.batch-size).
    private static Func<string, string> ShortKeys(List<Point> points)
    {
        HashSet<string> ambiguous = [.. points
            .SelectMany(point => point.Keys)
            .Distinct()
            .GroupBy(NearestName.LastSegment)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)];
        return key => NearestName.LastSegment(key) is string last && !ambiguous.Contains(last) ? last : key;
    }

    /// <summary>What one point of the sweep overrides.</summary>
    private sealed class Point : OrderedDictionary<string, ConfigurationValue>
    {
        public void Add(KeyValuePair<string, ConfigurationValue> member) => Add(member.Key, member.Value);
    }
}
