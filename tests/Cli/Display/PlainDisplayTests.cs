using System.Threading.Channels;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Tests.Display;

public class PlainDisplayTests
{
    private static readonly RunProgress Running = new()
    {
        Run = "0123456789ab",
        Name = "sample",
        Status = RunStatus.Running,
        Attempt = 1,
        Step = 0,
        Steps = 200,
        Restarts = 0,
        RestartBudget = 3,
        Device = "cpu:0",
    };

    [Fact]
    public async Task A_line_in_a_phase_of_the_initialisation_says_how_far_that_is() => Assert.EndsWith(
        " 0123456789ab [sample] running on cpu:0: metainit 37/100, restarts 0/3",
        await LineAsync(Running with { Phase = new("metainit", 37, 100) }),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_line_in_training_says_the_step() => Assert.EndsWith(
        " 0123456789ab [sample] running on cpu:0: step 7/200, loss 1.5, accuracy -, rate 0.1, lambda1 -, stability ratio -, "
        + "restarts 0/3",
        await LineAsync(Running with { Step = 7, Loss = 1.5, LearningRate = 0.1 }),
        StringComparison.Ordinal);

    [Fact]
    public void The_live_table_shows_the_phase_in_place_of_the_step()
    {
        Assert.Equal("gradinit 3/390", Numbers.Place(Running with { Phase = new("gradinit", 3, 390) }));
        Assert.Equal("0/200", Numbers.Place(Running));
    }

    private static async Task<string> LineAsync(RunProgress progress)
    {
        var events = Channel.CreateUnbounded<IMonitorEvent>();
        events.Writer.TryWrite(progress);
        events.Writer.Complete();
        using StringWriter output = new();
        await new PlainDisplay(output).ShowAsync(events.Reader, TestContext.Current.CancellationToken);
        return output.ToString().TrimEnd();
    }
}
