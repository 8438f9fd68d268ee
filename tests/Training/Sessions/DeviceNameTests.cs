using CurvatureActors.Training.Sessions;
using TorchSharp;

namespace CurvatureActors.Training.Tests.Sessions;

public class DeviceNameTests
{
    [Theory]
    [InlineData("cpu", DeviceType.CPU, 0, "cpu")]
    [InlineData("cpu:0", DeviceType.CPU, 0, "cpu")]
    [InlineData("cpu:1", DeviceType.CPU, 1, "cpu:1")]
    [InlineData("cuda", DeviceType.CUDA, 0, "cuda:0")]
    [InlineData("cuda:3", DeviceType.CUDA, 3, "cuda:3")]
    public void Given_a_device_When_parsed_Then_kind_and_index_are_known(
        string text, DeviceType type, int index, string canonical)
    {
        DeviceName name = DeviceName.Parse(text);
        Assert.Equal(new DeviceName(type, index), name);
        Assert.Equal(canonical, name.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu:0")]
    [InlineData("cpu:")]
    [InlineData("cpu:-1")]
    [InlineData("cuda:1:2")]
    [InlineData("cuda:x")]
    [InlineData("CPU")]
    public void Given_something_else_When_parsed_Then_the_error_names_it(string text) => Assert.Contains(
        $"\"{text}\"", Assert.Throws<ArgumentException>(() => DeviceName.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Given_a_card_that_is_not_there_When_opened_Then_the_error_names_it() => Assert.Contains(
        "\"cuda:99\"",
        Assert.Throws<ArgumentException>(() => DeviceName.Parse("cuda:99").ToDevice()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Given_a_second_cpu_slot_When_opened_Then_it_is_the_same_torch_device() =>
        Assert.Equal(DeviceType.CPU, DeviceName.Parse("cpu:1").ToDevice().type);
}
