namespace CurvatureActors.Actors.Journal;

/// <summary>What a journal holds: every row that can be read, and what is wrong.</summary>
public sealed class JournalContents
{
    private readonly string _path;
    private readonly List<JournalEntry> _entries = [];
    private readonly List<JournalFault> _faults = [];
    private readonly Dictionary<string, Following> _following = [];

    internal JournalContents(string path) => _path = path;

    /// <summary>The readable rows in the order in which they were written.</summary>
    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>What is wrong: at most the first fault of each id, since what comes after it cannot be relied on.</summary>
    public IReadOnlyList<JournalFault> Faults => _faults;

    /// <summary>Every id that has rows, readable or not.</summary>
    public IReadOnlyCollection<string> Ids => _following.Keys;

    internal void Add(JournalFault fault) => _faults.Add(fault);

    internal void Add(JournalRow row)
    {
        string id = row.PersistenceId;
        if (!_following.TryGetValue(id, out Following? following))
        {
            _following[id] = following = new Following();
        }

        IJournalEvent? journalEvent = row.Decode(out string? fault, out string advice);
        long expected = following.Last + 1;
        if (row.Sequence > expected)
        {
            Fail(following, id, expected, $"is missing: row {row.Sequence} stands in its place");
        }
        else if (row.Sequence < expected)
        {
            Fail(following, id, row.Sequence, $"stands after row {following.Last}");
        }
        else if (fault is not null)
        {
            Fail(following, id, row.Sequence, fault, advice);
        }

        following.Last = Math.Max(following.Last, row.Sequence);
        if (journalEvent is not null)
        {
            _entries.Add(new JournalEntry(id, row.Sequence, journalEvent, !following.Failed));
        }
    }

    private void Fail(Following following, string id, long sequence, string what, string advice = JournalFault.Restore)
    {
        if (!following.Failed)
        {
            following.Failed = true;
            _faults.Add(JournalFault.OfRow(_path, id, sequence, what, advice));
        }
    }

    private sealed class Following
    {
        public long Last { get; set; }

        public bool Failed { get; set; }
    }
}

/// <summary>A row of the journal that can be read.</summary>
/// <param name="PersistenceId">Whose it is.</param>
/// <param name="Sequence">Its place among the rows of the same id, from 1.</param>
/// <param name="Event">What is in it.</param>
/// <param name="Sound">Whether every row of the same id before it could be read too.</param>
public sealed record JournalEntry(string PersistenceId, long Sequence, IJournalEvent Event, bool Sound);
