using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian;

/// <summary>
/// Where tensors lie. TorchSharp makes a new object, with a new handle, each time a tensor is handed out, so neither says
/// whether two are the same; libtorch's own tensor behind the handle does.
/// </summary>
public static class TensorMemory
{
    // What libtorch's allocator on the CPU gives; managed arrays begin anywhere.
    private const long Alignment = 64;

    /// <summary>
    /// Each tensor once, at its first place: a tied weight counts once, whatever number of objects stand for it.
    /// </summary>
    /// <param name="items">What holds the tensors.</param>
    /// <param name="tensor">The tensor of an item.</param>
    /// <param name="name">What to call an item in errors.</param>
    /// <exception cref="ArgumentException">
    /// Different tensors have an element in common, such as a view of a part of another: moving one moves the other, which
    /// neither's gradient says.
    /// </exception>
    public static ImmutableArray<T> Distinct<T>(IEnumerable<T> items, Func<T, Tensor> tensor, Func<T, string> name)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(name);
        T[] distinct = [.. items.DistinctBy(item => Identity(tensor(item)))];
        (long Start, long End, T Item)[] spans =
        [
            .. distinct.Where(item => HasMemory(tensor(item)))
                .Select(item => (Span(tensor(item)), item)).Select(one => (one.Item1.Start, one.Item1.End, one.item))
                .OrderBy(span => span.Start),
        ];
        for (int later = 1; later < spans.Length; later++)
        {
            for (int earlier = later - 1; earlier >= 0; earlier--)
            {
                if (spans[earlier].End > spans[later].Start && Meet(tensor(spans[earlier].Item), tensor(spans[later].Item)))
                {
                    throw new ArgumentException(
                        $"{name(spans[earlier].Item)} and {name(spans[later].Item)} are different tensors over the same memory: "
                        + "moving one moves the other, which neither's gradient says. Use one tensor in both places, or give each its own (clone).",
                        nameof(items));
                }
            }
        }

        return [.. distinct];
    }

    /// <summary>
    /// The tensor itself, or a copy in the current dispose scope where its memory is not libtorch's own: a managed array
    /// begins at another offset each time, kernels split their sums by it, and the last bits of results follow.
    /// </summary>
    internal static Tensor Aligned(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && !tensor.is_sparse && Storage(tensor) % Alignment != 0 ? tensor.clone() : tensor;

    /// <summary>The address of libtorch's tensor: what a handle points to is a pointer to it, and nothing else.</summary>
    private static IntPtr Identity(Tensor tensor)
    {
        IntPtr identity = Marshal.ReadIntPtr(tensor.Handle);
        GC.KeepAlive(tensor);
        return identity;
    }

    private static bool HasMemory(Tensor tensor) =>
        tensor.device_type != DeviceType.META && !tensor.is_sparse && tensor.numel() > 0;

    private static (long Start, long End) Span(Tensor tensor)
    {
        long start = Start(tensor);
        long last = tensor.shape.Zip(tensor.stride(), (extent, stride) => (extent - 1) * stride).Sum();
        return (start, start + ((last + 1) * tensor.element_size()));
    }

    private static long Start(Tensor tensor) => Storage(tensor) + (tensor.storage_offset() * tensor.element_size());

    private static long Storage(Tensor tensor)
    {
        long address = DataPointer(null, tensor.Handle);
        GC.KeepAlive(tensor);
        return address;
    }

    /// <summary>Whether tensors whose spans meet, on one device, have an element in common: columns of one matrix have none.</summary>
    private static bool Meet(Tensor left, Tensor right)
    {
        if (left.device_type != right.device_type || left.device_index != right.device_index)
        {
            return false;
        }

        return (left.is_contiguous() && right.is_contiguous()) || Addresses(left).ToHashSet().Overlaps(Addresses(right));
    }

    private static IEnumerable<long> Addresses(Tensor tensor)
    {
        IEnumerable<long> addresses = [Start(tensor)];
        foreach ((long extent, long stride) in tensor.shape.Zip(tensor.stride()))
        {
            long step = stride * tensor.element_size();
            addresses = addresses.SelectMany(address => Enumerable.Range(0, (int)extent).Select(index => address + (index * step)));
        }

        return addresses;
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "THSStorage_data_ptr")]
    private static extern IntPtr DataPointer(
        [UnsafeAccessorType("TorchSharp.PInvoke.NativeMethods, TorchSharp")] object? type, IntPtr tensor);
}
