using Akka.TestKit;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Hosting;

namespace CurvatureActors.Actors.Tests.Telemetry;

/// <summary>The test is the writer.</summary>
public sealed class TelemetrySenderTests : NodeTest
{
    private readonly TestProbe _writer;
    private readonly TelemetrySender _sender;

    public TelemetrySenderTests()
    {
        _writer = CreateTestProbe();
        _sender = new TelemetrySender(_writer);
    }

    [Fact]
    public async Task Given_a_question_then_it_says_how_many_rows_there_were_and_comes_again_until_it_is_answered()
    {
        Record(3);
        long first = _sender.AskForFlush();
        Record(4);
        long second = _sender.AskForFlush();
        Assert.Equal([(first, 3), (second, 7)], [await FlushAsync(), await FlushAsync()]);

        _sender.AskAgain();
        Assert.Equal([(first, 3), (second, 7)], [await FlushAsync(), await FlushAsync()]);
        _sender.Answered(first);
        _sender.AskAgain();
        Assert.Equal((second, 7), await FlushAsync());
    }

    [Fact]
    public async Task Given_rows_that_are_not_stored_then_it_asks_by_itself_and_is_full_at_the_bound_until_they_are()
    {
        Record((TelemetrySender.MostBacklog / 2) - 1);
        Record(1);
        (long token, long rows) = await FlushAsync();
        Assert.Equal(TelemetrySender.MostBacklog / 2, rows);
        Record((TelemetrySender.MostBacklog / 2) - 1);
        Assert.False(_sender.Full);
        Record(1);
        Assert.True(_sender.Full);

        _sender.Answered(token);
        Assert.False(_sender.Full);
        Record(1);
        Assert.Equal(TelemetrySender.MostBacklog + 1, (await FlushAsync()).Rows);
    }

    [Fact]
    public void Given_nothing_to_store_then_nothing_is_sent()
    {
        Record(0);
        Assert.False(_writer.HasMessages);
    }

    private void Record(int rows) => _sender.Record([.. Enumerable.Repeat(Rows.Step(0), rows)]);

    private async Task<(long Token, long Rows)> FlushAsync()
    {
        TelemetryWriter.Flush flush = await FishAsync<TelemetryWriter.Flush>(_writer);
        return (flush.Token, flush.Rows);
    }
}
