using System.Text.Json;

namespace CurvatureActors.Actors.Journal;

/// <summary>A row of the journal's table as it stands there; a database lets any column hold anything.</summary>
internal sealed record JournalRow(object Id, object Number, object Serializer, object Manifest, object Message)
{
    /// <summary>Whom the row belongs to.</summary>
    public string PersistenceId => Id as string ?? "";

    /// <summary>Its place among the rows of the same id, from 1; 0 when it has none.</summary>
    public long Sequence => Number is long number ? number : 0;

    /// <summary>The event in it.</summary>
    /// <param name="fault">What is wrong with the row, in words that follow its name; null when nothing is.</param>
    /// <param name="advice">What to do about that.</param>
    /// <returns>The event; null when there is none that this version can read.</returns>
    public IJournalEvent? Decode(out string? fault, out string advice)
    {
        advice = JournalFault.Restore;
        fault = null;
        if (Serializer is not long serializer || serializer != JournalSerializer.SerializerIdentifier)
        {
            // Another serializer may make any type that the data name.
            fault = $"was written by another serializer ({(Serializer is long or string ? Serializer : "none")}) than this program's and is refused";
            return null;
        }

        if (Manifest is not string manifest || Message is not byte[] bytes)
        {
            fault = "has no event in it";
            return null;
        }

        if (!JournalManifests.Knows(manifest))
        {
            fault = $"holds an event \"{manifest}\" that this version does not know";
            advice = "a newer version wrote it: use that one or a newer one";
            return null;
        }

        try
        {
            if (JournalManifests.Decode(bytes, manifest) is { } journalEvent)
            {
                return journalEvent;
            }

            fault = $"holds an empty event \"{manifest}\"";
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            fault = $"holds a damaged event \"{manifest}\"";
        }

        return null;
    }
}
