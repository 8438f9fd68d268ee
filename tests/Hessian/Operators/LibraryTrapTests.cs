using System.Runtime.InteropServices;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>What a user of the library falls into without being told.</summary>
public sealed class LibraryTrapTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // The start that found a pair has nothing left in its eigenspace once it is deflated.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_exact_copies_of_the_largest_value_then_deflation_finds_one_after_the_other(int copies)
    {
        double[] spectrum = [.. Enumerable.Repeat(10.0, copies), .. Enumerable.Range(0, 37).Select(i => 5 - i / 10.0)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 11));
        var options = new LanczosOptions { Tolerance = 1e-9, ReturnVectors = true };
        ISymmetricOperator rest = matrix;
        for (int found = 0; found < copies; found++)
        {
            EigenResult top = Lanczos.Largest(rest, options);
            Assert.Equal(10, top.Lambda1, 1e-7);

            // Wrapped, so that the number of deflations is known through other operators too.
            rest = new ScaledOperator(new DeflatedOperator(rest, [top.Lambda1], top.Vectors!), 1);
        }

        Assert.Equal(5, Lanczos.Largest(rest, options).Lambda1, 1e-7);
    }

    [Theory]
    [InlineData(1e-170)]
    [InlineData(1e-250)]
    [InlineData(1e170)]
    [InlineData(1e250)]
    public void Given_values_whose_squares_leave_the_type_then_they_are_found_all_the_same(double scale)
    {
        double[] spectrum = [9, 6, 4, .. Enumerable.Range(0, 37).Select(i => 3 - i / 10.0)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 12) * scale);

        using EigenResult lanczos = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-7 });
        using var solver = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-6 });
        using EigenResult cold = solver.Update(matrix);
        using EigenResult warm = solver.Update(matrix);

        foreach (EigenResult result in new[] { lanczos, cold, warm })
        {
            Assert.True(result.Converged);
            Assert.Equal(9, result.Lambda1 / scale, 1e-5);
        }

        Assert.True(lanczos.Residual / scale < 1e-5 && lanczos.Residual > 0, $"{lanczos.Residual}");
    }

    // An array of .NET begins at any multiple of 8; libtorch's kernels split their sums by where a tensor begins.
    [Fact]
    public void Given_inputs_that_begin_anywhere_in_memory_then_products_are_the_same_to_the_bit()
    {
        using var net = Sequential(Linear(37, 11), Tanh(), Linear(11, 3));
        foreach ((Tensor parameter, int index) in net.parameters().Select((parameter, index) => ((Tensor)parameter, index)))
        {
            using IDisposable quiet = no_grad();
            parameter.copy_(Oracles.Random((ulong)(600 + index), parameter.shape));
        }

        float[] numbers = [.. Oracles.Random(601, 13 * 37).to(ScalarType.Float32).data<float>()];
        Tensor labels = arange(13) % 3;
        Tensor? first = null;
        for (int offset = 0; offset < 16; offset++)
        {
            using ForeignMemory memory = new(numbers, offset * sizeof(float));
            Tensor inputs = memory.Tensor.view(13, 37);
            var loss = new ModuleLoss(
                net, [new ModuleBatch(inputs, labels)], Criterion.CrossEntropy(), BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);
            using HessianOperator hessian = loss.Hessian();
            using ForeignMemory vector = new([.. Enumerable.Range(0, (int)hessian.Size).Select(i => MathF.Sin(i))], offset * sizeof(float));
            Tensor product = hessian.Apply(vector.Tensor);
            first ??= product;
            Assert.True(first.equal(product).all().item<bool>(), $"an offset of {offset} floats");
        }
    }

    // The fused kernels whose backward passes have no derivative.
    [Fact]
    public void Given_layers_without_second_derivatives_then_the_message_names_finite_differences_which_work()
    {
        Tensor queries = Oracles.Parameter(Oracles.Random(700, 1, 2, 5, 8));
        using var bag = EmbeddingBag(6, 4, dtype: ScalarType.Float64);
        Tensor words = tensor(new long[] { 0, 2, 5, 1 });
        Tensor offsets = tensor(new long[] { 0, 2 });
        (Tensor Parameter, Func<Tensor> Loss)[] cases =
        [
            (queries, () => functional.scaled_dot_product_attention(queries, queries, queries).square().sum()),
            (bag.weight!, () => bag.call(words, offsets).square().sum()),
        ];
        int without = 0;
        foreach ((Tensor parameter, Func<Tensor> loss) in cases)
        {
            try
            {
                using var hessian = new HessianOperator([parameter], [new LossTerm(loss)]);
                hessian.Apply(ones(hessian.Size, dtype: ScalarType.Float64));
            }
            catch (InvalidOperationException error)
            {
                without++;
                Assert.Contains("FiniteDifference", error.Message, StringComparison.Ordinal);
            }

            using var differences = new FiniteDifferenceHessianOperator([parameter], [new LossTerm(loss)]);
            Assert.True(differences.Apply(ones(differences.Size, dtype: ScalarType.Float64)).isfinite().all().item<bool>());
        }

        Assert.True(without > 0, "this libtorch has second derivatives of all of them");
    }

    /// <summary>Numbers at a chosen distance from a boundary of 64 bytes, as a tensor that does not copy them.</summary>
    private sealed class ForeignMemory : IDisposable
    {
        private readonly float[] _array;
        private readonly GCHandle _pin;

        internal ForeignMemory(float[] numbers, int offset)
        {
            _array = GC.AllocateArray<float>(numbers.Length + 32, pinned: true);
            _pin = GCHandle.Alloc(_array, GCHandleType.Pinned);
            int skip = (int)((64 - (_pin.AddrOfPinnedObject() % 64) + offset) % 64 / sizeof(float));
            numbers.CopyTo(_array, skip);
            Tensor = frombuffer(_array, ScalarType.Float32, numbers.Length, skip);
        }

        internal Tensor Tensor { get; }

        public void Dispose() => _pin.Free();
    }
}
