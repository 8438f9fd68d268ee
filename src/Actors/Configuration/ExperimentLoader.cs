using System.Text.RegularExpressions;
using CurvatureActors.Training;

namespace CurvatureActors.Actors.Configuration;

/// <summary>From a file and the command line's overrides to a checked, expanded experiment.</summary>
public static partial class ExperimentLoader
{
    /// <summary>Loads a file.</summary>
    /// <param name="path">The HOCON file.</param>
    /// <param name="sets">Overrides KEY=VALUE, with or without the leading <c>curvature.</c>; later ones win.</param>
    /// <exception cref="ConfigurationException">Anything at all is wrong with file or overrides.</exception>
    public static ExperimentSpecification Load(string path, IReadOnlyList<string> sets)
    {
        ArgumentNullException.ThrowIfNull(path);
        return LoadText(ExperimentFile.Read(path), path, sets);
    }

    /// <summary>Loads a text as if it were the content of a file.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="name">The file's name or path: what errors call it and what names an unnamed experiment.</param>
    /// <param name="sets">Overrides KEY=VALUE, as for <see cref="Load"/>.</param>
    /// <exception cref="ConfigurationException">Anything at all is wrong with text or overrides.</exception>
    public static ExperimentSpecification LoadText(string text, string name, IReadOnlyList<string> sets)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(sets);
        Settings settings = ReferenceConfiguration.Defaults.Copy();
        string akka = "";
        foreach ((string section, ConfigurationValue value) in HoconParser.Parse(text, name).Members)
        {
            // A key may also be written as one quoted path.
            if (section == "curvature" || section.StartsWith(ReferenceConfiguration.Prefix, StringComparison.Ordinal))
            {
                settings.Apply(section == "curvature" ? "" : ReferenceConfiguration.Short(section), value);
            }
            else if (section == "akka")
            {
                akka = AkkaSettings.Check(value as SectionValue ?? throw NotASection(value));
            }
            else
            {
                throw new ConfigurationException(
                    $"{name} has the section {InvisibleCharacters.Escape(section)}; allowed are curvature and akka.");
            }
        }

        foreach (string set in sets)
        {
            Override(settings, set);
        }

        return Read(settings, name, akka);

        static ConfigurationException NotASection(ConfigurationValue value) =>
            new($"akka is {SettingsReader.Shown(value)}; a section is expected.");
    }

    private static void Override(Settings settings, string set)
    {
        int equals = set.IndexOf('=');
        if (equals <= 0)
        {
            throw new ConfigurationException($"--set {InvisibleCharacters.Escape(set)} has no KEY=VALUE form, such as training.steps=100.");
        }

        string source = $"--set {InvisibleCharacters.Escape(set)}";
        string path = string.Join('.', HoconParser.ParseKey(set[..equals], source));
        if (path == "akka" || path.StartsWith("akka.", StringComparison.Ordinal))
        {
            throw AkkaSettings.NotBySet(path == "akka" ? "" : path["akka.".Length..]);
        }

        string key = ReferenceConfiguration.Short(path);
        settings.Apply(key == "curvature" ? "" : key, OverrideValue(set[(equals + 1)..].Trim(' ', '\t', '\r', '\n'), source));
    }

    // Lists, sections and quoted texts are HOCON; anything else is taken as it is, so that a path or cpu:1 needs no
    // second layer of quotation marks under the shell's.
    private static ConfigurationValue OverrideValue(string text, string source) =>
        text.Length > 0 && text[0] is '[' or '{' or '"' ? HoconParser.ParseValue(text, source) : new TextValue(text);

    private static ExperimentSpecification Read(Settings settings, string file, string akka)
    {
        SettingsReader from = new(settings);
        string name = Name(from, file);
        IReadOnlyList<PlannedRun> runs = SweepExpansion.Expand(settings, name);
        return new ExperimentSpecification
        {
            Name = name,
            Study = Study(from),
            Runs = runs,
            Devices = Devices(from),
            StateDirectory = Folder(from, "state.directory", mayBeEmpty: false),
            Threads = from.Whole("training.threads", minimum: 1, maximum: 1024),
            Probe = ProbeOptionsReader.Read(from),
            SnapshotKeep = from.Whole("snapshot.keep", minimum: 1),
            SnapshotBudget = from.MegabytesOr("off", "snapshot.disk-budget"),
            WhenUnwritable = Enum.Parse<WhenUnwritable>(
                from.OneOf("snapshot.when-unwritable", AllowedNames.WhenUnwritable), ignoreCase: true),
            EvaluateEvery = from.Whole("training.evaluate-every", minimum: 1, of: "steps"),
            CrashBudget = from.Whole("recovery.crash-budget", minimum: 0),
            ErrorBudget = from.Whole("recovery.error-budget", minimum: 0),
            Runtime = new RuntimeOptions(
                from.Switch("runtime.tune-allocator"),
                from.Milliseconds("runtime.slice"),
                from.Milliseconds("runtime.telemetry-flush"))
            {
                HangAfter = from.Seconds("runtime.hang-after", minimum: 1),
                MeasurementHangAfter = from.Seconds("runtime.measurement-hang-after", minimum: 1),
                StoragePatience = from.Seconds("runtime.storage-patience", minimum: 0),
                WorkerGrace = from.Seconds("runtime.worker-grace", minimum: 1) is var grace && grace != RuntimeOptions.UsualWorkerGrace
                    ? grace
                    : null,
                Audit = Folder(from, "runtime.audit", mayBeEmpty: true) is { Length: > 0 } audit ? Path.GetFullPath(audit) : null,
            },
            AkkaOverrides = akka,
        };
    }

    private static string Name(SettingsReader from, string file)
    {
        string name = from.Text("experiment.name");
        return name.Length == 0 ? ExperimentName.OfFile(file)
            : ExperimentName.IsValid(name) ? name
            : throw SettingsReader.Refused("experiment.name", from.Get("experiment.name"), ExperimentName.Allowed);
    }

    private static string? Study(SettingsReader from)
    {
        string study = from.Text("experiment.study");
        return study.Length == 0 || StudyName().IsMatch(study)
            ? study.Length == 0 ? null : study
            : throw SettingsReader.Refused(
                "experiment.study", from.Get("experiment.study"), "a name of lower-case letters, digits and \"-\", or \"\" for none");
    }

    private static string Folder(SettingsReader from, string key, bool mayBeEmpty)
    {
        string folder = from.Text(key);
        return (folder.Length > 0 || mayBeEmpty) && !folder.Contains('\0')
            ? folder
            : throw SettingsReader.Mismatch(key, from.Get(key), "a folder");
    }

    private static EquatableList<string>? Devices(SettingsReader from)
    {
        ConfigurationValue value = from.Get("devices");
        if (value is TextValue { Text: "auto" })
        {
            return null;
        }

        // One name without brackets is a list of one.
        IReadOnlyList<ConfigurationValue> items = value is ListValue list ? list.Items : [value];
        string[] names = [.. items.OfType<TextValue>().Select(item => item.Text)];
        if (names.Length < items.Count || names.Length == 0 || !Array.TrueForAll(names, name => Device().IsMatch(name)))
        {
            throw SettingsReader.Mismatch("devices", value, "auto or a list such as [cpu, \"cpu:1\", \"cuda:0\"]");
        }

        // "cpu" is short for "cpu:0".
        return names.Select(name => name.Contains(':') ? name : $"{name}:0").Distinct().Count() < names.Length
            ? throw SettingsReader.Mismatch("devices", value, "a list that names each device once")
            : new EquatableList<string>(names);
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}\\z")]
    private static partial Regex StudyName();

    [GeneratedRegex("^(cpu|cuda)(:[0-9]{1,4})?\\z")]
    private static partial Regex Device();
}
