using Akka.Configuration;
using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Hosting;

/// <summary>config/akka.conf, which is built into this assembly.</summary>
internal static class AkkaReference
{
    /// <summary>The parsed file.</summary>
    public static Config Config { get; } = Read();

    /// <summary>A configuration with an experiment's own settings before it, as far as they may be set.</summary>
    public static Config Overridden(string overrides, Config configuration) =>
        AkkaSettings.Allowed(overrides) is { Length: > 0 } allowed
            ? ConfigurationFactory.ParseString(allowed).WithFallback(configuration)
            : configuration;

    private static Config Read()
    {
        using Stream stream = typeof(AkkaReference).Assembly.GetManifestResourceStream("akka.conf")
            ?? throw new InvalidOperationException("akka.conf is missing from the program.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
