namespace CurvatureActors.Hessian.Operators;

/// <summary>An operator around others, which knows how many eigenpairs were moved away in all (<see cref="DeflatedOperator"/>).</summary>
/// <remarks>
/// Solvers draw another start for each number. From the start that found a pair the Krylov space of what is left shows
/// nothing of that pair's eigenspace, so an exact copy of the eigenvalue would be missed.
/// </remarks>
internal interface IWrapper
{
    int Removed { get; }

    static int RemovedFrom(ISymmetricOperator target) => target is IWrapper wrapper ? wrapper.Removed : 0;
}
