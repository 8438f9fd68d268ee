using System.Globalization;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>What the trainers noted beside the journal (<c>runtime.audit</c>): who trained which steps, and when last.</summary>
internal static class SideLog
{
    /// <summary>All files of a folder, also while they are being written.</summary>
    public static List<TrainerLog> Read(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*.log").Order(StringComparer.Ordinal).Select(ReadFile)];

    /// <summary>
    /// What each trainer whose attempt another trainer had to go on with did in vain: the steps executed again. What it
    /// did of a slice before it was killed is not known here, and lost anyway.
    /// </summary>
    public static List<int> Reexecuted(IEnumerable<TrainerLog> logs)
    {
        List<int> again = [];
        foreach (TrainerLog[] attempt in logs
            .GroupBy(log => (log.Run, log.Attempt))
            .Select(group => group.OrderBy(log => log.Epoch).ToArray()))
        {
            for (int i = 0; i + 1 < attempt.Length; i++)
            {
                HashSet<int> later = [.. attempt[(i + 1)..].SelectMany(log => log.Steps)];
                again.Add(attempt[i].Steps.Count(later.Contains));
            }
        }

        return again;
    }

    private static TrainerLog ReadFile(string path)
    {
        string[] name = Path.GetFileNameWithoutExtension(path).Split('-');
        DateTime written = File.GetLastWriteTimeUtc(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        string text = reader.ReadToEnd();
        var log = new TrainerLog(name[0], Number(name[1]), Number(name[2]), Number(name[3]), written, [], [], []);

        // A line without its end was cut off by a kill.
        foreach (string[] words in text[..(text.LastIndexOf('\n') + 1)]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')))
        {
            if (words[0] == "start")
            {
                log.Starts.Add(Number(words[1]));
            }
            else if (words[0] == "steps")
            {
                log.Slices.Add((Number(words[1]), Number(words[2])));
            }
            else if (words[0] == "end")
            {
                log.Ends.Add(words[1]);
            }
        }

        return log;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What one trainer noted.</summary>
internal sealed record TrainerLog(
    string Run, int Epoch, int Attempt, int Process, DateTime Written, List<int> Starts, List<(int From, int To)> Slices, List<string> Ends)
{
    public IEnumerable<int> Steps => Slices.SelectMany(slice => Enumerable.Range(slice.From, slice.To - slice.From));
}
