namespace CurvatureActors.Hessian.Solvers;

/// <summary>One Ritz pair of a <see cref="KrylovSpace"/>, its vector by reference.</summary>
/// <param name="Value">theta.</param>
/// <param name="Residual">|A x - theta x|.</param>
/// <param name="Space">Which of the Krylov spaces it is in.</param>
/// <param name="Index">Its rank there.</param>
internal readonly record struct RitzValue(double Value, double Residual, int Space, int Index);
