using CurvatureActors.Hessian;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// One layer of an LSTM (Hochreiter and Schmidhuber 1997, with forget gates), [N, T, inputs] to [N, T, width], from a zero
/// state at the first position. Gates lie in torch's order: input, forget, cell, output.
/// </summary>
/// <remarks>
/// Written from primitives, for the higher derivatives; one bias where torch has two that are added. The forget gate's
/// bias starts at 1 (Jozefowicz et al. 2015).
/// </remarks>
public sealed class LongShortTermMemory : Layer
{
    private const int Gates = 4;

    private readonly long _width;
    private readonly Tensor _fromInput;
    private readonly Tensor _fromState;
    private readonly Tensor _bias;

    /// <summary>A layer with zero weights; see Initialisation.</summary>
    public LongShortTermMemory(long inputs, long width, NetworkOptions options)
    {
        _width = width;
        _fromInput = Parameter([Gates * width, inputs], 0, options);
        _fromState = Parameter([Gates * width, width], 0, options);
        _bias = Parameter([Gates * width], 0, options);
        using (no_grad())
        {
            using Tensor forget = _bias.narrow(0, width, width);
            forget.FillInPlace(1);
        }

        Parameters =
        [
            new("input.weight", _fromInput, ParameterRole.Linear),
            new("state.weight", _fromState, ParameterRole.Linear),
            new("bias", _bias),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        Tensor fromInput = nn.functional.linear(input, _fromInput, _bias);
        Tensor[] states = new Tensor[input.shape[1]];
        Tensor? cell = null;
        for (int t = 0; t < states.Length; t++)
        {
            Tensor gates = fromInput.select(1, t);
            if (t > 0)
            {
                gates = gates.Plus(nn.functional.linear(states[t - 1], _fromState));
            }

            Tensor update = Gate(0).sigmoid() * Gate(2).tanh();
            cell = cell is null ? update : (Gate(1).sigmoid() * cell).Plus(update);
            states[t] = Gate(3).sigmoid() * cell.tanh();

            Tensor Gate(int gate) => gates.narrow(1, gate * _width, _width);
        }

        return stack(states, 1);
    }
}
