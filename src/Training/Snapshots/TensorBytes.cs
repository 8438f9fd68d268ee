using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Snapshots;

/// <summary>Raw little-endian bytes of contiguous tensors, in pieces because spans and TorchSharp's access end at 2 GB.</summary>
internal static unsafe class TensorBytes
{
    /// <summary>Most bytes handled at once.</summary>
    internal const long Piece = 1L << 30;

    /// <summary>Receives the next piece.</summary>
    internal delegate void PieceAction(Span<byte> piece, long offset);

    internal static long Length(Tensor tensor) => tensor.numel() * tensor.ElementSize;

    /// <summary>Copies a tensor of any device to memory.</summary>
    internal static void CopyOut(Tensor source, byte* destination)
    {
        using Tensor host = source.cpu();
        ForEachPiece(host, (piece, offset) => piece.CopyTo(new Span<byte>(destination + offset, piece.Length)));
    }

    /// <summary>Copies memory into a contiguous tensor of any device.</summary>
    internal static void CopyIn(byte* source, Tensor destination)
    {
        if (destination.device_type == DeviceType.CPU)
        {
            ForEachPiece(destination, (piece, offset) => new Span<byte>(source + offset, piece.Length).CopyTo(piece));
            return;
        }

        using IDisposable noGrad = no_grad();
        using Tensor host = empty(destination.shape, destination.dtype, CPU);
        CopyIn(source, host);
        destination.copy_(host);
    }

    /// <summary>Whether there is no NaN and no infinity in a tensor's bytes; without libtorch, which need not be loaded yet.</summary>
    internal static bool AreFinite(byte* values, SnapshotTensor tensor)
    {
        const uint Exponent32 = 0x7F80_0000;
        const ulong Exponent64 = 0x7FF0_0000_0000_0000;
        bool finite = true;
        if (tensor.ScalarType == ScalarType.Float32)
        {
            for (byte* end = values + tensor.Length; values < end; values += sizeof(float))
            {
                finite &= (Unsafe.ReadUnaligned<uint>(values) & Exponent32) != Exponent32;
            }
        }
        else if (tensor.ScalarType == ScalarType.Float64)
        {
            for (byte* end = values + tensor.Length; values < end; values += sizeof(double))
            {
                finite &= (Unsafe.ReadUnaligned<ulong>(values) & Exponent64) != Exponent64;
            }
        }

        return finite;
    }

    /// <summary>Shows a contiguous CPU tensor's memory piece by piece.</summary>
    internal static void ForEachPiece(Tensor tensor, PieceAction action)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor flat = tensor.view(-1);
        long size = tensor.ElementSize;
        long count = flat.numel();
        for (long start = 0; start < count; start += Piece / size)
        {
            using Tensor part = flat.narrow(0, start, Math.Min(Piece / size, count - start));
            action(part.bytes, start * size);
        }
    }
}
