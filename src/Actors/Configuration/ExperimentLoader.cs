using System.Text;
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
        if (!File.Exists(path))
        {
            throw new ConfigurationException(Directory.Exists(path)
                ? $"{path} is a folder; a configuration file is expected."
                : $"There is no configuration file {path}.");
        }

        string text;
        try
        {
            // Strict: bytes that are not UTF-8 would otherwise become question marks inside names.
            text = File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException problem)
        {
            throw new ConfigurationException($"{path} is not a text file in UTF-8.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {problem.Message.TrimEnd('.')}.", problem);
        }

        return LoadText(text, path, sets);
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
                akka = $"akka {(value as SectionValue ?? throw NotASection(value)).Render()}";
            }
            else
            {
                throw new ConfigurationException(
                    $"{name} has the section {section}; allowed are curvature and akka.");
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
            throw new ConfigurationException($"--set {set} has no KEY=VALUE form, such as training.steps=100.");
        }

        string source = $"--set {set}";
        string key = ReferenceConfiguration.Short(string.Join('.', HoconParser.ParseKey(set[..equals], source)));
        settings.Apply(key == "curvature" ? "" : key, OverrideValue(set[(equals + 1)..].Trim(), source));
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
            StateDirectory = StateDirectory(from),
            Threads = from.Whole("training.threads", minimum: 1, maximum: 1024),
            Probe = ProbeOptionsReader.Read(from),
            SnapshotKeep = from.Whole("snapshot.keep", minimum: 1),
            SnapshotBudget = from.WholeOr("off", "snapshot.disk-budget", minimum: 1) is { } megabytes ? megabytes * 1_000_000L : null,
            WhenUnwritable = Enum.Parse<WhenUnwritable>(
                from.OneOf("snapshot.when-unwritable", AllowedNames.WhenUnwritable), ignoreCase: true),
            EvaluateEvery = from.Whole("training.evaluate-every", minimum: 1),
            CrashBudget = from.Whole("recovery.crash-budget", minimum: 0),
            ErrorBudget = from.Whole("recovery.error-budget", minimum: 0),
            Runtime = new RuntimeOptions(
                from.Switch("runtime.tune-allocator"),
                from.Milliseconds("runtime.slice"),
                from.Milliseconds("runtime.telemetry-flush"))
            {
                HangAfter = TimeSpan.FromSeconds(from.Whole("runtime.hang-after", minimum: 1)),
                MeasurementHangAfter = TimeSpan.FromSeconds(from.Whole("runtime.measurement-hang-after", minimum: 1)),
                StoragePatience = TimeSpan.FromSeconds(from.Whole("runtime.storage-patience", minimum: 0)),
                Audit = from.Text("runtime.audit") is { Length: > 0 } audit ? Path.GetFullPath(audit) : null,
            },
            AkkaOverrides = akka,
        };
    }

    private static string Name(SettingsReader from, string file)
    {
        string name = from.Text("experiment.name");
        if (name.Length == 0)
        {
            // The file's own name is not the user's statement about the experiment: bend it rather than refuse it.
            string bent = OutsideName().Replace(Path.GetFileNameWithoutExtension(file), "-");
            return bent.Length == 0 ? "experiment" : bent[..Math.Min(bent.Length, 64)];
        }

        return name.Length <= 64 && name == name.Trim() && !OutsideName().IsMatch(name)
            ? name
            : throw SettingsReader.Refused(
                "experiment.name", from.Get("experiment.name"), "at most 64 letters, digits, spaces, \".\", \"_\" and \"-\"");
    }

    private static string? Study(SettingsReader from)
    {
        string study = from.Text("experiment.study");
        return study.Length == 0 || StudyName().IsMatch(study)
            ? study.Length == 0 ? null : study
            : throw SettingsReader.Refused(
                "experiment.study", from.Get("experiment.study"), "a name of lower-case letters, digits and \"-\", or \"\" for none");
    }

    private static string StateDirectory(SettingsReader from)
    {
        string directory = from.Text("state.directory");
        return directory.Length > 0 && !directory.Contains('\0')
            ? directory
            : throw SettingsReader.Mismatch("state.directory", from.Get("state.directory"), "a folder");
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

    [GeneratedRegex("[^A-Za-z0-9._ -]")]
    private static partial Regex OutsideName();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}\\z")]
    private static partial Regex StudyName();

    [GeneratedRegex("^(cpu|cuda)(:[0-9]{1,4})?\\z")]
    private static partial Regex Device();
}
