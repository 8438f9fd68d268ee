using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
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
        using SqliteConnection connection = JournalReader.Open(path);
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

    private static byte[] Bytes(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        _ => [],
    };
}
