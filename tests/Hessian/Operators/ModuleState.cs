using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>All of a module that training would notice, and libtorch's random state, to be compared with later.</summary>
internal sealed class ModuleState
{
    private readonly (string Name, Tensor Now, Tensor Was, bool RequiresGrad, Tensor? Gradient)[] _parameters;
    private readonly (string Name, Tensor Now, Tensor Was, IntPtr Handle)[] _buffers;
    private readonly (string Name, bool Training)[] _modes;
    private readonly Module _module;
    private readonly Tensor _random;

    internal ModuleState(Module module)
    {
        _module = module;
        _parameters = [.. module.named_parameters().Select(one => (
            one.name, (Tensor)one.parameter, one.parameter.detach().clone(), one.parameter.requires_grad, one.parameter.grad?.clone()))];
        _buffers = [.. module.named_buffers().Select(one => (one.name, one.buffer, one.buffer.detach().clone(), one.buffer.Handle))];
        _modes = Modes();
        _random = random.get_rng_state().clone();
    }

    internal void IsAsFound()
    {
        foreach ((string name, Tensor now, Tensor was, bool requires, Tensor? gradient) in _parameters)
        {
            Assert.True(now.equal(was).all().item<bool>(), name);
            Assert.Equal(requires, now.requires_grad);
            Assert.Equal(gradient is null, now.grad is null);
            Assert.True(gradient is null || now.grad!.equal(gradient).all().item<bool>(), $"{name}.grad");
        }

        foreach ((string name, Tensor now, Tensor was, IntPtr handle) in _buffers)
        {
            Assert.True(now.equal(was).all().item<bool>(), name);
            Assert.Equal(handle, now.Handle);
            Assert.Same(now, _module.get_buffer(name));
        }

        Assert.Equal(_modes, Modes());
        Assert.True(random.get_rng_state().equal(_random).all().item<bool>(), "random state");
    }

    private (string Name, bool Training)[] Modes() =>
        [("", _module.training), .. _module.named_modules().Select(one => (one.name, one.module.training))];
}
