using CurvatureActors.Faults.Tests.Campaigns;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests;

/// <summary>The promises under faults. docs/guarantees.md says what each campaign does and has found.</summary>
public sealed class CampaignTests
{
    [Fact]
    public Task Given_kills_of_the_program_then_every_run_ends_once_with_the_same_bits() =>
        CampaignCheck.HoldsAsync(KillProgram.InOneProcessAsync, full: 50, few: 3);

    [Fact]
    public Task Given_kills_of_a_program_with_workers_then_every_run_ends_once_with_the_same_bits() =>
        CampaignCheck.HoldsAsync(KillProgram.WithWorkersAsync, full: 100, few: 4);
}
