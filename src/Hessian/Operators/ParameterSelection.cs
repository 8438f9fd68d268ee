using System.Collections.Immutable;
using System.IO.Enumeration;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Named parameter tensors in a fixed order: all of a model's, or those whose Hessian block is wanted. Holds the
/// tensors of the caller, no copies.
/// </summary>
public sealed class ParameterSelection
{
    private ParameterSelection(ImmutableArray<string> names, ImmutableArray<Tensor> tensors)
    {
        Names = names;
        Tensors = tensors;
    }

    /// <summary>Names, in order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The tensors, in the same order: what an operator takes as its parameters.</summary>
    public ImmutableArray<Tensor> Tensors { get; }

    /// <summary>Elements of all tensors together.</summary>
    public long Size => Tensors.Sum(tensor => tensor.numel());

    /// <summary>
    /// A selection of named tensors, such as <c>module.named_parameters()</c>. A tensor that several names stand for (a tied
    /// weight) is one parameter, under the first of them.
    /// </summary>
    /// <param name="parameters">Names, unique, and tensors.</param>
    /// <exception cref="ArgumentException">There are none, a name comes twice, or different tensors lie over the same memory.</exception>
    public static ParameterSelection Of(IEnumerable<(string Name, Tensor Parameter)> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (string Name, Tensor Parameter)[] all = [.. parameters];
        if (all.Length == 0)
        {
            throw new ArgumentException("There are no parameters.", nameof(parameters));
        }

        if (all.GroupBy(one => one.Name).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            throw new ArgumentException($"The name '{twice.Key}' is given twice.", nameof(parameters));
        }

        ImmutableArray<(string Name, Tensor Parameter)> distinct = TensorMemory.Distinct(all, one => one.Parameter, one => $"'{one.Name}'");
        return new ParameterSelection([.. distinct.Select(one => one.Name)], [.. distinct.Select(one => one.Parameter)]);
    }

    /// <summary>Those whose name fits one of some patterns, in the order they have here.</summary>
    /// <param name="patterns">Names with <c>*</c> for any characters and <c>?</c> for one, such as <c>blocks.0.*</c>; case counts.</param>
    /// <exception cref="ArgumentException">A pattern fits no name; the message lists the names.</exception>
    public ParameterSelection Matching(params IReadOnlyList<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        foreach (string pattern in patterns)
        {
            if (!Names.Any(name => Fits(pattern, name)))
            {
                throw new ArgumentException($"'{pattern}' fits none of the parameters: {string.Join(", ", Names)}.", nameof(patterns));
            }
        }

        return Take(name => patterns.Any(pattern => Fits(pattern, name)), nameof(patterns));
    }

    /// <summary>One selection per layer: tensors whose names agree up to the last dot, such as weight and bias.</summary>
    /// <returns>Layers in order of their first tensor, named by what agrees, or by the whole name without a dot.</returns>
    public ImmutableArray<(string Layer, ParameterSelection Parameters)> ByLayer() =>
    [
        .. Names.Select(Layer).Distinct().Select(layer => (layer, Take(name => Layer(name) == layer, nameof(layer)))),
    ];

    /// <summary>Where each tensor lies in the vector of all.</summary>
    /// <returns>Name, first element and number of elements.</returns>
    public ImmutableArray<(string Name, long Offset, long Count)> Ranges()
    {
        long offset = 0;
        var ranges = ImmutableArray.CreateBuilder<(string, long, long)>(Names.Length);
        foreach ((string name, Tensor tensor) in Names.Zip(Tensors))
        {
            ranges.Add((name, offset, tensor.numel()));
            offset += tensor.numel();
        }

        return ranges.MoveToImmutable();
    }

    private static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private static string Layer(string name) => name.LastIndexOf('.') is var dot and > 0 ? name[..dot] : name;

    private ParameterSelection Take(Func<string, bool> wanted, string argument)
    {
        int[] indices = [.. Enumerable.Range(0, Names.Length).Where(index => wanted(Names[index]))];
        return indices.Length > 0
            ? new ParameterSelection([.. indices.Select(index => Names[index])], [.. indices.Select(index => Tensors[index])])
            : throw new ArgumentException("Nothing is selected.", argument);
    }
}
