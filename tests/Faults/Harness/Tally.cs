namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>Adds up what a campaign does and finds.</summary>
/// <param name="campaign">Name of the campaign.</param>
/// <param name="seed">Its seed.</param>
/// <param name="report">Hears what happens, line by line.</param>
internal sealed class Tally(string campaign, int seed, Action<string> report)
{
    private readonly List<TimeSpan> _recoveries = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _problems = [];
    private int _lost;
    private int _duplicated;
    private int _unexpected;
    private int _differing;

    /// <summary>Faults so far.</summary>
    public int Faults { get; private set; }

    /// <summary>For each trainer that another had to go on for so far: its steps that were executed again.</summary>
    public List<int> Reexecuted { get; } = [];

    /// <summary>Trainers so far that did not begin at the newest committed snapshot.</summary>
    public List<string> Elsewhere { get; } = [];

    /// <summary>The longest slice of steps so far.</summary>
    public int LongestSlice { get; private set; }

    public void Fault(string what)
    {
        Faults++;
        report($"{campaign}, seed {seed}, fault {Faults}: {what}");
    }

    public void Recovered(TimeSpan after) => _recoveries.Add(after);

    public void Note(string note) => _notes.Add(note);

    public void Problem(string problem)
    {
        _problems.Add(problem);
        report($"{campaign}, seed {seed}: {problem}");
    }

    /// <summary>Notes a problem unless something holds.</summary>
    public void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            Problem(otherwise);
        }
    }

    public void Add(Findings findings)
    {
        _lost += findings.Lost.Count;
        _duplicated += findings.Duplicated.Count;
        _unexpected += findings.Unexpected.Count;
        _differing += findings.Differing.Count;
        Reexecuted.AddRange(findings.Reexecuted);
        Elsewhere.AddRange(findings.Elsewhere);
        LongestSlice = Math.Max(LongestSlice, findings.LongestSlice);
        foreach (string problem in findings.Problems)
        {
            Problem(problem);
        }
    }

    public CampaignResult Result() => new()
    {
        Campaign = campaign,
        Seed = seed,
        Faults = Faults,
        Lost = _lost,
        Duplicated = _duplicated,
        Unexpected = _unexpected,
        Differing = _differing,
        Reexecuted = Reexecuted.Sum(),
        Recoveries = _recoveries,
        Notes = _notes,
        Problems = _problems,
    };
}
