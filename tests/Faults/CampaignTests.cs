using CurvatureActors.Faults.Tests.Campaigns;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests;

/// <summary>The promises under faults. docs/guarantees.md says what each campaign does and has found.</summary>
public sealed class CampaignTests
{
    [Fact]
    public Task Given_kills_of_the_program_then_every_run_ends_once_with_the_same_bits() =>
        CampaignCheck.HoldsAsync(KillProgram.InOneProcessAsync, full: 50, few: 2);

    [Fact]
    public Task Given_kills_of_a_program_with_workers_then_every_run_ends_once_with_the_same_bits() =>
        CampaignCheck.HoldsAsync(KillProgram.WithWorkersAsync, full: 100, few: 2);

    [Fact]
    public Task Given_kills_of_workers_then_every_run_ends_once_with_the_same_bits() =>
        CampaignCheck.HoldsAsync(KillWorker.RunAsync, full: 100, few: 3);

    [Fact]
    public Task Given_a_worker_that_sleeps_and_wakes_up_then_its_word_counts_for_nothing() =>
        CampaignCheck.HoldsAsync(StopWorker.RunAsync, full: 30, few: 1);

    [Fact]
    public Task Given_a_run_put_back_to_any_step_then_the_rest_is_the_same_bits() =>
        CampaignCheck.HoldsAsync(ResumeAtEveryStep.RunAsync, full: 60, few: 4);

    [Fact]
    public Task Given_damaged_newest_snapshots_then_runs_go_on_from_earlier_ones_to_the_same_bits() =>
        CampaignCheck.HoldsAsync(DamageSnapshots.RunAsync, full: 200, few: 4);

    [Fact]
    public Task Given_a_full_disk_then_exit_code_4_and_with_more_room_the_same_bits() =>
        CampaignCheck.HoldsAsync(DiskFull.RunAsync, full: 20, few: 1);

    [Fact]
    public Task Given_no_room_for_snapshots_and_leave_to_go_on_then_the_same_bits_without_them() =>
        CampaignCheck.HoldsAsync(DiskFull.WithoutSnapshotsAsync, full: 1, few: 1);

    [Fact]
    public Task Given_fsync_that_fails_then_never_a_silent_success() =>
        CampaignCheck.HoldsAsync(FsyncFails.RunAsync, full: 20, few: 1);

    [Fact]
    public Task Given_a_database_that_is_held_then_training_goes_on_to_the_same_bits() =>
        CampaignCheck.HoldsAsync(LockedDatabase.RunAsync, full: 20, few: 2);

    [Fact]
    public Task Given_a_journal_cut_off_in_its_last_record_then_it_opens_and_ends_with_the_same_bits() =>
        CampaignCheck.HoldsAsync(TruncatedJournal.RunAsync, full: 20, few: 2);

    [Fact]
    public Task Given_kills_in_each_phase_of_a_recovery_then_the_same_remedies_within_the_budget() =>
        CampaignCheck.HoldsAsync(KillInRecovery.RunAsync, full: 60, few: 6);

    [Fact]
    public Task Given_a_second_start_while_the_first_runs_then_it_is_refused_and_nothing_is_trained_twice() =>
        CampaignCheck.HoldsAsync(StartTwice.AtOnceAsync, full: 5, few: 1);

    [Fact]
    public Task Given_an_edited_experiment_then_it_is_refused_unless_it_extends() =>
        CampaignCheck.HoldsAsync(StartTwice.EditedAsync, full: 5, few: 1);

    [Fact]
    public Task Given_healthy_runs_at_three_levels_of_noise_then_hardly_any_rollback() =>
        CampaignCheck.HoldsAsync(HealthyRuns.RunAsync, full: 100, few: 6);

    [Fact]
    public Task Given_very_many_runs_then_memory_stays_flat_and_the_end_is_known_at_once() =>
        CampaignCheck.HoldsAsync(Soak.RunAsync, full: 2000, few: 30);
}
