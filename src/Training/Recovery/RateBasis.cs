namespace CurvatureActors.Training.Recovery;

/// <summary>What a remedy's rate came from.</summary>
public enum RateBasis
{
    /// <summary>A measured lambda1, of the preconditioned Hessian for Adam and RMSProp.</summary>
    Lambda1,

    /// <summary>Forward passes: the largest rate at which the next update does not raise the loss.</summary>
    ForwardPasses,

    /// <summary>A factor on the rate that diverged: nothing was measured that sets a limit, or the limit was above that.</summary>
    Factor,
}
