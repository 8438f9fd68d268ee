using System.Globalization;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// What an experiment's file may set of Akka.NET, in its section <c>akka</c>: how much it logs, and how patient worker
/// processes are with each other. Everything else is the program's: a journal elsewhere or another way of serializing
/// would break what it promises.
/// </summary>
internal static class AkkaSettings
{
    private static readonly string[] LogLevels = ["OFF", "ERROR", "WARNING", "INFO", "DEBUG"];

    private static readonly OrderedDictionary<string, Func<string, ConfigurationValue, string>> Readers = new()
    {
        ["loglevel"] = LogLevel,
        ["log-dead-letters"] = SwitchOrCount,
        ["log-dead-letters-during-shutdown"] = Switch,
        ["actor.debug.autoreceive"] = Switch,
        ["actor.debug.event-stream"] = Switch,
        ["actor.debug.lifecycle"] = Switch,
        ["actor.debug.receive"] = Switch,
        ["actor.debug.unhandled"] = Switch,
        ["cluster.failure-detector.acceptable-heartbeat-pause"] = Time(TimeSpan.FromSeconds(1)),
        ["cluster.failure-detector.heartbeat-interval"] = Time(TimeSpan.FromMilliseconds(50)),
        ["cluster.failure-detector.threshold"] = Threshold,
        ["cluster.gossip-interval"] = Time(TimeSpan.FromMilliseconds(50)),
        ["cluster.leader-actions-interval"] = Time(TimeSpan.FromMilliseconds(50)),
        ["cluster.log-info"] = Switch,
        ["cluster.split-brain-resolver.stable-after"] = Time(TimeSpan.FromSeconds(1)),
        ["cluster.unreachable-nodes-reaper-interval"] = Time(TimeSpan.FromMilliseconds(50)),
        ["remote.dot-netty.tcp.maximum-frame-size"] = FrameSize,
        ["remote.dot-netty.tcp.receive-buffer-size"] = FrameSize,
        ["remote.dot-netty.tcp.send-buffer-size"] = FrameSize,
    };

    /// <summary>What may be set, without the leading <c>akka.</c>.</summary>
    public static IReadOnlyList<string> Keys => Readers.Keys;

    /// <summary>The section, checked, as HOCON that Akka reads as it was meant; empty when it says nothing.</summary>
    /// <exception cref="ConfigurationException">A key may not be set, or its value is not allowed.</exception>
    public static string Check(SectionValue section) => Render(section.Leaves().Select(leaf => Readers.TryGetValue(
        leaf.Key, out Func<string, ConfigurationValue, string>? read)
            ? (leaf.Key, read(leaf.Key, leaf.Value))
            : throw NotAllowed(leaf.Key)));

    /// <summary>
    /// Of a section as an earlier version accepted it into a journal, what <see cref="Check"/> would let pass. A run that
    /// was begun goes on, and none of the rest has ever decided on a trajectory.
    /// </summary>
    public static string Allowed(string hocon)
    {
        try
        {
            return HoconParser.Parse(hocon, "akka").Members.GetValueOrDefault("akka") is SectionValue section
                ? Render(section.Leaves().SelectMany(Passing))
                : "";
        }
        catch (ConfigurationException)
        {
            return "";
        }

        static IEnumerable<(string, string)> Passing(KeyValuePair<string, ConfigurationValue> leaf)
        {
            try
            {
                return Readers.TryGetValue(leaf.Key, out Func<string, ConfigurationValue, string>? read)
                    ? [(leaf.Key, read(leaf.Key, leaf.Value))]
                    : [];
            }
            catch (ConfigurationException)
            {
                return [];
            }
        }
    }

    /// <summary>The error for a key that is set on the command line, where only those of <c>curvature</c> are.</summary>
    public static ConfigurationException NotBySet(string key) => key.Length > 0 && !Readers.ContainsKey(key)
        ? NotAllowed(key)
        : new($"--set sets keys of curvature only; akka{(key.Length > 0 ? "." + key : "")} is set in the file, in its section akka {{ }}.");

    private static string Render(IEnumerable<(string Key, string Value)> settings)
    {
        string[] members = [.. settings.Select(setting => $"{setting.Key} = {setting.Value}")];
        return members.Length == 0 ? "" : $"akka {{ {string.Join(", ", members)} }}";
    }

    private static ConfigurationException NotAllowed(string key)
    {
        string shown = InvisibleCharacters.Escape(key);
        return key.StartsWith("persistence", StringComparison.Ordinal)
            ? new($"akka.{shown} cannot be set; the journal is that of the state directory, which --state or curvature.state.directory moves.")
            : new($"akka.{shown} cannot be set; did you mean akka.{NearestName.Of(key, Keys)}? Allowed are {string.Join(", ", Keys.Select(allowed => $"akka.{allowed}"))}.");
    }

    private static string LogLevel(string key, ConfigurationValue value) =>
        value is TextValue { Text: var text } && LogLevels.Contains(text.ToUpperInvariant())
            ? text.ToUpperInvariant()
            : throw Mismatch(key, value, $"one of {string.Join(", ", LogLevels)}");

    private static string Switch(string key, ConfigurationValue value) => TrySwitch(value) ?? throw Mismatch(key, value, "on or off");

    private static string SwitchOrCount(string key, ConfigurationValue value) => TrySwitch(value)
        ?? (value is TextValue { Text: var text } && WholeNumber.TryRead(text) is { } count && count >= 0 && count <= int.MaxValue
            ? count.ToString(CultureInfo.InvariantCulture)
            : throw Mismatch(key, value, "on, off or a whole number of letters to log"));

    private static string? TrySwitch(ConfigurationValue value) => (value as TextValue)?.Text switch
    {
        "on" or "true" or "yes" => "on",
        "off" or "false" or "no" => "off",
        _ => null,
    };

    private static string Threshold(string key, ConfigurationValue value) =>
        SettingsReader.TryNumber(value) is { } number and >= 1 and <= 100
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw Mismatch(key, value, "a number from 1 to 100");

    private static Func<string, ConfigurationValue, string> Time(TimeSpan minimum) => (key, value) =>
        Units.Milliseconds(value) is { } time && time >= (decimal)minimum.TotalMilliseconds && time <= 3_600_000
            ? $"{Math.Round(time).ToString(CultureInfo.InvariantCulture)}ms"
            : throw Mismatch(key, value, $"a time from {minimum.TotalMilliseconds:f0}ms to 1h, such as 500ms or 10s,");

    private static string FrameSize(string key, ConfigurationValue value) =>
        Units.Bytes(value) is { } bytes and >= 1_000_000 and <= 1_000_000_000
            ? $"{Math.Round(bytes).ToString(CultureInfo.InvariantCulture)}b"
            : throw Mismatch(key, value, "a size from 1MB to 1GB");

    private static ConfigurationException Mismatch(string key, ConfigurationValue value, string expected) =>
        new($"akka.{key} is {SettingsReader.Shown(value)}; {expected} is expected.");
}
