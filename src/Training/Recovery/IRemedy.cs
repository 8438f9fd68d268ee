namespace CurvatureActors.Training.Recovery;

/// <summary>One way to restart a diverged run.</summary>
public interface IRemedy
{
    /// <summary>Whether <see cref="Choose"/> wants the curvature at the rollback snapshot.</summary>
    bool WantsCurvature { get; }

    /// <summary>Whether it lowers the peak rate; one that does not is no help where that is hopeless (<see cref="HopelessRate"/>).</summary>
    bool LowersRate => false;

    /// <summary>The changed plan.</summary>
    RemedyDecision Choose(RecoveryContext context);
}
