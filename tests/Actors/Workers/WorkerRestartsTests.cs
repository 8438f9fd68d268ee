using CurvatureActors.Actors.Workers;

namespace CurvatureActors.Actors.Tests.Workers;

public sealed class WorkerRestartsTests
{
    [Fact]
    public void Given_a_worker_that_was_at_work_then_it_is_started_at_once_however_often()
    {
        var restarts = new WorkerRestarts();
        for (int i = 0; i < 100; i++)
        {
            restarts.Started();
            restarts.Joined();
            Assert.Equal(TimeSpan.FromSeconds(0.25), restarts.Ended(killed: i % 2 == 0));
        }
    }

    [Theory]
    [InlineData(false, new[] { 0.25, 0.5, 1, 2 })]
    [InlineData(true, new[] { 0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15 })]
    public void Given_starts_that_never_join_then_later_each_time_and_not_for_ever(bool killed, double[] waits)
    {
        var restarts = new WorkerRestarts();
        foreach (double wait in waits)
        {
            restarts.Started();
            Assert.Equal(TimeSpan.FromSeconds(wait), restarts.Ended(killed));
        }

        restarts.Started();
        Assert.Null(restarts.Ended(killed));
    }

    [Fact]
    public void Given_a_start_that_joins_then_those_before_it_are_forgotten()
    {
        var restarts = new WorkerRestarts();
        for (int round = 0; round < 3; round++)
        {
            for (int failed = 1; failed < WorkerRestarts.MostFailedStarts; failed++)
            {
                restarts.Started();
                Assert.NotNull(restarts.Ended(killed: false));
            }

            restarts.Started();
            restarts.Joined();
            Assert.Equal(TimeSpan.FromSeconds(0.25), restarts.Ended(killed: false));
        }
    }

    [Fact]
    public void Given_kills_among_them_then_only_those_that_ended_by_themselves_count_as_failed()
    {
        var restarts = new WorkerRestarts();
        for (int i = 0; i < WorkerRestarts.MostFailedStarts - 1; i++)
        {
            Assert.NotNull(restarts.Ended(killed: true));
            Assert.NotNull(restarts.Ended(killed: false));
        }

        Assert.NotNull(restarts.Ended(killed: true));
        Assert.Null(restarts.Ended(killed: false));
    }
}
