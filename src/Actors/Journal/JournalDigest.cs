using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CurvatureActors.Actors.Databases;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Journal;

/// <summary>The digest of the rows of one id, over the very bytes that stand in the file.</summary>
public static class JournalDigest
{
    /// <summary>
    /// Of each row in order: its number and the lengths of manifest and payload (64 bits little-endian), manifest, payload.
    /// </summary>
    /// <param name="path">journal.db.</param>
    /// <param name="persistenceId">Whose rows.</param>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public static RowDigest Of(string path, string persistenceId)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT sequence_number, CAST(manifest AS BLOB), CAST(message AS BLOB) FROM journal
            WHERE persistence_id = $id ORDER BY sequence_number
            """;
        command.Parameters.AddWithValue("$id", persistenceId);
        using SqliteDataReader rows = command.ExecuteReader();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[3 * sizeof(long)];
        long count = 0;
        while (rows.Read())
        {
            count++;
            byte[] manifest = Bytes(rows.GetValue(1));
            byte[] message = Bytes(rows.GetValue(2));
            BinaryPrimitives.WriteInt64LittleEndian(head, rows.GetInt64(0));
            BinaryPrimitives.WriteInt64LittleEndian(head[sizeof(long)..], manifest.Length);
            BinaryPrimitives.WriteInt64LittleEndian(head[(2 * sizeof(long))..], message.Length);
            hash.AppendData(head);
            hash.AppendData(manifest);
            hash.AppendData(message);
        }

        return new RowDigest(count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>
    /// Rows that were written after the last one of an id and are not there any more: each row has the number after the one
    /// before it, no number is given twice, and this program removes none.
    /// </summary>
    /// <param name="path">journal.db.</param>
    /// <param name="persistenceId">Whose last row.</param>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public static long RowsLostAfter(string path, string persistenceId)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            WITH own AS (SELECT max(ordering) AS last FROM journal WHERE persistence_id = $id)
            SELECT max(0, (SELECT seq FROM sqlite_sequence WHERE name = 'journal') - own.last
                - (SELECT count(*) FROM journal WHERE ordering > own.last)) FROM own
            """;
        command.Parameters.AddWithValue("$id", persistenceId);
        return command.ExecuteScalar() is long lost ? lost : 0;
    }

    private static byte[] Bytes(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        _ => [],
    };
}
