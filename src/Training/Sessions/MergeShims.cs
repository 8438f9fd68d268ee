#pragma warning disable
// Stand-ins for parts that are written beside this one; deleted at the merge.
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Data
{
    public sealed record ImageShape(int Channels, int Height, int Width);

    public sealed class ImageDataSet(Tensor images, Tensor labels, int classes) : IDisposable
    {
        public Tensor Images { get; } = images.DetachFromDisposeScope();
        public Tensor Labels { get; } = labels.DetachFromDisposeScope();
        public ImageShape Shape { get; } = new((int)images.shape[1], (int)images.shape[2], (int)images.shape[3]);
        public int Classes { get; } = classes;
        public int Count => (int)Labels.shape[0];

        public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
        {
            using Tensor index = tensor(indices.ToArray());
            return (Images.index_select(0, index), Labels.index_select(0, index));
        }

        public void Dispose()
        {
            Images.Dispose();
            Labels.Dispose();
        }
    }

    public sealed record DataSplit(ImageDataSet Train, ImageDataSet Test);

    public sealed class BatchSampler(int examples, int batchSize, int seed)
    {
        private long[] _order = [];
        private long _epoch = -1;
        public long Position { get; set; }

        public void Next(Span<long> indices)
        {
            for (int i = 0; i < batchSize; i++, Position++)
            {
                if (Position / examples != _epoch)
                {
                    _epoch = Position / examples;
                    _order = [.. Enumerable.Range(0, examples).Select(x => (long)x)];
                    new Random(HashCode(seed, _epoch)).Shuffle(_order);
                }

                indices[i] = _order[Position % examples];
            }
        }

        private static int HashCode(int seed, long epoch) => unchecked((seed * 31) + (int)epoch);
    }
}

namespace CurvatureActors.Training.Divergence
{
    public sealed class DivergenceDetector(RunSpecification specification, int classes)
    {
        private double _best = double.PositiveInfinity;

        public DivergenceVerdict? Observe(in StepMetrics metrics)
        {
            if (!double.IsFinite(metrics.Loss) || !double.IsFinite(metrics.GradientNorm))
            {
                return new(metrics.Step, "non-finite", "loss or gradient is not finite.", null);
            }

            _best = Math.Min(_best, metrics.Loss);
            return metrics.Loss > 1e6 * _best ? new(metrics.Step, "blow-up", "loss is high.", null) : null;
        }

        public string SaveState() => _best.ToString("R");
        public void LoadState(string state) => _best = double.Parse(state);
    }
}

namespace CurvatureActors.Training.Schedules
{
    public static class LearningRate
    {
        public static double At(int step, RunSpecification specification, TrainingPlan plan) =>
            plan.PeakLearningRate * (step - plan.WarmupFrom < plan.WarmupSteps
                ? (step - plan.WarmupFrom + 1.0) / plan.WarmupSteps
                : 1.0);
    }
}
