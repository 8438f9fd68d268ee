namespace CurvatureActors.Training.Schedules;

/// <summary>The schedules that a specification may name.</summary>
public static class LearningRateSchedules
{
    /// <summary>Every schedule by name.</summary>
    public static Registry<ILearningRateSchedule> All { get; } = new(
        "schedule",
        ("constant", new ConstantSchedule()),
        ("cosine", new CosineSchedule()));
}
