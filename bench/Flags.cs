using System.Globalization;

namespace CurvatureActors.Bench;

/// <summary>Options of the command line, <c>--name value</c>.</summary>
internal static class Flags
{
    /// <summary>The number after a name, or what it is without one.</summary>
    internal static int Number(string[] flags, string name, int otherwise)
    {
        int place = Array.IndexOf(flags, name);
        return place < 0 || place + 1 == flags.Length
            ? otherwise
            : int.Parse(flags[place + 1], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>The texts after every occurrence of a name.</summary>
    internal static string[] Texts(string[] flags, string name) =>
        [.. flags.Skip(1).Where((_, index) => flags[index] == name)];
}
