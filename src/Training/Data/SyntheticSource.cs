using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Normal noise of deviation <see cref="DataSpecification.Noise"/> in <see cref="DataSpecification.Dimension"/>
/// dimensions, the same in every run. The mean over each part is taken off, so that the loss over the whole part is
/// that without noise.
/// </summary>
public sealed class SyntheticSource : IExampleSource
{
    /// <summary>Training examples when the specification says nothing.</summary>
    public const int DefaultTrainExamples = 1024;

    /// <summary>Test examples when the specification says nothing.</summary>
    public const int DefaultTestExamples = 256;

    private const int Purpose = 3;
    private const double Unit = 1.0 / (1L << 53);

    /// <summary>Refused: the noise has no files, its specification says all.</summary>
    /// <exception cref="DataSetException">Always.</exception>
    public string Sha256() => throw new DataSetException(
        $"The data set \"synthetic\" has no files; leave out {DataSets.DirectoryKey}.");

    /// <inheritdoc/>
    public DataSplit Prepare(DataSpecification specification, torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(specification);
        if (specification.Directory is not null)
        {
            _ = Sha256();
        }

        return new DataSplit(
            Part(0, specification.TrainExamples ?? DefaultTrainExamples),
            Part(1, specification.TestExamples ?? DefaultTestExamples));

        SyntheticDataSet Part(int part, int count)
        {
            int dimension = specification.Dimension ?? 1;
            double deviation = specification.Noise ?? 0;
            if (dimension < 1)
            {
                throw new ArgumentException($"curvature.data.dimension is {dimension}; it must be at least 1.");
            }

            if (!(deviation >= 0 && double.IsFinite(deviation)))
            {
                throw new ArgumentException($"curvature.data.noise is {deviation}; it must be at least 0.");
            }

            double[] values = Draw(part, count, dimension, deviation);
            using torch.Tensor noise = torch.tensor(values, [count, dimension], torch.ScalarType.Float32);
            return new SyntheticDataSet(noise.to(device, copy: true), shared: true);
        }
    }

    // Box and Muller 1958 over a generator that is the same on every machine.
    private static double[] Draw(int part, int count, int dimension, double deviation)
    {
        SplitMix64 random = SplitMix64.For(Purpose, part);
        double[] values = new double[count * dimension];
        for (int i = 0; i < values.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(((random.Next() >> 11) + 1) * Unit));
            values[i] = deviation * radius * Math.Cos(2 * Math.PI * ((random.Next() >> 11) * Unit));
        }

        for (int column = 0; column < dimension; column++)
        {
            double mean = 0;
            for (int row = 0; row < count; row++)
            {
                mean += values[(row * dimension) + column] / count;
            }

            for (int row = 0; row < count; row++)
            {
                values[(row * dimension) + column] -= mean;
            }
        }

        return values;
    }
}
