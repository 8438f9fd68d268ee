using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

public class FlatParametersTests
{
    [Fact]
    public void Given_a_network_When_flattened_Then_values_and_gradients_are_those_of_separate_tensors()
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkOptions options = new(new ImageShape(1, 6, 6), Classes: 5, CPU);
        using Generator one = new(1);
        using Generator two = new(1);
        using Network separate = ModelRegistry.Create(Fixtures.Model(), options, one);
        using Network flat = ModelRegistry.Create(Fixtures.Model(), options, two);
        using FlatParameters parameters = new(flat);
        Tensor images = randn([4, 1, 6, 6], generator: one);
        Tensor labels = tensor((long[])[0, 1, 2, 3]);
        LossRegistry.CrossEntropy(separate.Forward(images, NetworkMode.Train), labels).backward();
        for (int round = 0; round < 2; round++)
        {
            parameters.Gradients.zero_();
            LossRegistry.CrossEntropy(flat.Forward(images, NetworkMode.Train), labels).backward();
            Assert.True(cat([.. separate.Parameters.Select(p => p.Value.detach().flatten())]).Equals(parameters.Values));
            Assert.True(cat([.. separate.Parameters.Select(p => p.Value.grad!.flatten())]).Equals(parameters.Gradients));
        }

        // A change of the vector is a change of the network.
        parameters.Values.zero_();
        Assert.Equal(0, flat.Forward(images, NetworkMode.Train).abs().max().item<float>());
    }
}
