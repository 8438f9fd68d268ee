using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Sessions;

/// <summary>
/// A device as users write it: <c>cpu</c> and <c>cpu:1</c> are slots of the one processor, for trainers side by side;
/// <c>cuda:0</c> is a graphics card.
/// </summary>
/// <param name="Type">CPU or CUDA.</param>
/// <param name="Index">Slot or card, from 0.</param>
public sealed record DeviceName(DeviceType Type, int Index)
{
    /// <summary>Reads <c>cpu</c>, <c>cpu:N</c>, <c>cuda</c> or <c>cuda:N</c>; without a number it is 0.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static DeviceName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        int index = 0;
        bool known = parts.Length == 1
            || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        return (known ? parts[0] : "") switch
        {
            "cpu" => new(DeviceType.CPU, index),
            "cuda" => new(DeviceType.CUDA, index),
            _ => throw new ArgumentException(
                $"There is no device \"{text}\"; allowed are cpu, cpu:N and cuda:N with a whole number N from 0."),
        };
    }

    /// <summary>The torch device.</summary>
    /// <exception cref="ArgumentException">It is a graphics card that this build or machine does not have.</exception>
    public Device ToDevice()
    {
        if (Type == DeviceType.CPU)
        {
            return CPU;
        }

        int cards = cuda.is_available() ? cuda.device_count() : 0;
        return Index < cards
            ? device(Type, Index)
            : throw new ArgumentException(
                $"Device \"{this}\" is not here: {cards} CUDA devices are visible (CUDA needs a build with -p:TorchBackend=cuda).");
    }

    /// <inheritdoc/>
    public override string ToString() => Type == DeviceType.CPU && Index == 0
        ? "cpu"
        : $"{(Type == DeviceType.CPU ? "cpu" : "cuda")}:{Index}";
}
