using CurvatureActors.Training.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Bench.Workloads;

/// <summary>The loop that one would write by hand with TorchSharp: same network, batches, optimizer, one loss value a step.</summary>
internal sealed class BareLoop : ITrainingLoop
{
    private readonly ImageDataSet _images;
    private readonly Sequential _network;
    private readonly optim.Optimizer _optimizer;
    private readonly long[] _order;
    private readonly Random _random = new(1);
    private int _next;

    internal BareLoop(ImageDataSet images)
    {
        _images = images;
        _network = Sequential(
            Conv2d(1, 8, 3, stride: 2, padding: 1),
            ReLU(),
            Conv2d(8, 16, 3, stride: 2, padding: 1),
            ReLU(),
            nn.Flatten(),
            Linear(16 * 7 * 7, 64),
            ReLU(),
            Linear(64, 10));
        _optimizer = optim.SGD(_network.parameters(), Experiments.LearningRate, Experiments.Momentum);
        _order = [.. Enumerable.Range(0, images.Count).Select(index => (long)index)];
        _next = images.Count;
    }

    /// <summary>The loss of the newest step; also keeps reading it from being optimised away.</summary>
    internal float Loss { get; private set; }

    /// <inheritdoc/>
    public void Advance()
    {
        using DisposeScope scope = NewDisposeScope();
        if (_next + Experiments.BatchSize > _order.Length)
        {
            _random.Shuffle(_order);
            _next = 0;
        }

        Tensor selection = tensor(_order.AsSpan(_next, Experiments.BatchSize).ToArray());
        _next += Experiments.BatchSize;
        Tensor images = _images.Images.index_select(0, selection);
        Tensor labels = _images.Labels.index_select(0, selection);
        _optimizer.zero_grad();
        Tensor loss = functional.cross_entropy(_network.forward(images), labels);
        loss.backward();
        _optimizer.step();
        Loss = loss.item<float>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }
}
