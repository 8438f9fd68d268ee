using CurvatureActors.Hessian;

namespace CurvatureActors.Training.Optimizers;

/// <summary>Where an optimizer's edge of stability lies: C/eta - s (see <see cref="StabilityThreshold"/>).</summary>
/// <param name="Constant">C.</param>
/// <param name="Shift">s, from the weight decay.</param>
/// <param name="Formula">C/eta as figures write it.</param>
/// <param name="AddedToHessian">
/// Weight decay that acts inside the preconditioner and therefore belongs on the Hessian's diagonal before it is
/// preconditioned (Adam and RMSProp with an L2 term); 0 for the others.
/// </param>
public sealed record OptimizerStability(double Constant, double Shift, string Formula, double AddedToHessian = 0)
{
    /// <summary>The threshold at a learning rate; infinite at rate 0.</summary>
    public double ThresholdAt(double learningRate) => (Constant / learningRate) - Shift;

    /// <summary>The largest rate that is stable at a curvature; infinite where nothing curves upwards.</summary>
    public double LargestStableRate(double lambda1) => StabilityThreshold.LargestStableRate(lambda1, Constant, Shift);
}
