namespace CurvatureActors.Bench.Workloads;

/// <summary>Something that makes one training step after the other.</summary>
internal interface ITrainingLoop : IDisposable
{
    /// <summary>One step.</summary>
    void Advance();
}
