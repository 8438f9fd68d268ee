using System.Buffers.Binary;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// After a kill journal.db-wal ends in the middle of its last record, as a disk may leave it that had not written all:
/// that record is lost, and nothing else.
/// </summary>
internal static class TruncatedJournal
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("the journal's log cut off", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Usual);
        while (tally.Faults < count)
        {
            using var trial = new Trial(reference.Text);
            var clock = new RecoveryClock(trial, tally);
            while (tally.Faults < count)
            {
                await using RunningProgram program = trial.Start();
                long snapshots = State.Count(trial.State, "snapshot-committed/1") + random.Next(1, 40);
                bool held = await program.HoldWhenAsync(() =>
                {
                    clock.Look();
                    return State.Count(trial.State, "snapshot-committed/1") >= snapshots;
                });
                if (!held)
                {
                    break;
                }

                program.Kill();
                await program.WaitAsync();
                if (Cut(Path.Combine(trial.State, "journal.db-wal"), random) is { } lost)
                {
                    clock.Start();
                    tally.Fault($"cut off {lost} bytes of the journal's log");
                }
            }

            await trial.FinishAsync(reference, tally, clock);
        }

        return tally.Result();
    }

    /// <summary>Cuts the file within the last frame of the present log; what lies behind is of an older one.</summary>
    /// <returns>Bytes of the frame that are gone; null when there is no frame.</returns>
    private static int? Cut(string file, Random random)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        byte[] log = File.ReadAllBytes(file);
        if (log.Length < HeaderBytes)
        {
            return null;
        }

        // https://www.sqlite.org/fileformat2.html#walformat
        int frame = FrameHeaderBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(8));
        ReadOnlySpan<byte> salts = log.AsSpan(16, 8);
        int frames = 0;
        while (HeaderBytes + ((frames + 1) * frame) <= log.Length
            && log.AsSpan(HeaderBytes + (frames * frame) + 8, 8).SequenceEqual(salts))
        {
            frames++;
        }

        if (frames == 0)
        {
            return null;
        }

        int kept = random.Next(1, frame);
        using FileStream stream = File.OpenWrite(file);
        stream.SetLength(HeaderBytes + ((frames - 1) * frame) + kept);
        return frame - kept;
    }
}
