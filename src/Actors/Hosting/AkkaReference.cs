using Akka.Configuration;

namespace CurvatureActors.Actors.Hosting;

/// <summary>config/akka.conf, which is built into this assembly.</summary>
internal static class AkkaReference
{
    /// <summary>The parsed file.</summary>
    public static Config Config { get; } = Read();

    private static Config Read()
    {
        using Stream stream = typeof(AkkaReference).Assembly.GetManifestResourceStream("akka.conf")
            ?? throw new InvalidOperationException("akka.conf is missing from the program.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
