namespace CurvatureActors.Training.Recovery;

/// <summary>The steps of one attempt of a run.</summary>
/// <param name="From">Step it began at: 0, or where a rollback landed.</param>
/// <param name="Verdict">Step at which it was condemned; null for the present attempt while it is well.</param>
public sealed record AttemptSpan(int From, int? Verdict);
