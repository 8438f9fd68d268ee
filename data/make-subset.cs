#!/usr/bin/env dotnet
// Makes data/fashion-mnist-small from the original Fashion-MNIST files:
//
//     dotnet run data/make-subset.cs -- SOURCE TARGET
//
// SOURCE holds the four original .gz files (https://github.com/zalandoresearch/fashion-mnist, or Debian's package
// dataset-fashion-mnist). TARGET gets four files of the same names: the first 500 training and the first 100 test
// images of each class, in file order, the order of the originals kept. Prints what the README lists.
#:property PublishAot=false

using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

if (args is not [string source, string target])
{
    Console.Error.WriteLine("usage: dotnet run data/make-subset.cs -- SOURCE TARGET");
    return 2;
}

Directory.CreateDirectory(target);
Reduce("train", perClass: 500);
Reduce("t10k", perClass: 100);
return 0;

void Reduce(string part, int perClass)
{
    string imageFile = $"{part}-images-idx3-ubyte.gz";
    string labelFile = $"{part}-labels-idx1-ubyte.gz";
    byte[] images = Unpack(Path.Combine(source, imageFile));
    byte[] labels = Unpack(Path.Combine(source, labelFile));
    const int ImageHeader = 16, LabelHeader = 8, Classes = 10;
    int size = (images.Length - ImageHeader) / (labels.Length - LabelHeader);

    int[] taken = new int[Classes];
    List<int> chosen = [];
    for (int i = 0; i < labels.Length - LabelHeader; i++)
    {
        if (taken[labels[LabelHeader + i]]++ < perClass)
        {
            chosen.Add(i);
        }
    }
    if (chosen.Count != perClass * Classes)
    {
        throw new InvalidDataException($"{labelFile}: not every class has {perClass} images.");
    }

    // The headers are the originals' with the count (bytes 4 to 7, big-endian) replaced.
    byte[] fewerImages =
        [.. images[..ImageHeader], .. chosen.SelectMany(i => images.Skip(ImageHeader + (i * size)).Take(size))];
    byte[] fewerLabels = [.. labels[..LabelHeader], .. chosen.Select(i => labels[LabelHeader + i])];
    BinaryPrimitives.WriteInt32BigEndian(fewerImages.AsSpan(4), chosen.Count);
    BinaryPrimitives.WriteInt32BigEndian(fewerLabels.AsSpan(4), chosen.Count);
    Pack(imageFile, fewerImages);
    Pack(labelFile, fewerLabels);
}

static byte[] Unpack(string path)
{
    using GZipStream unzip = new(File.OpenRead(path), CompressionMode.Decompress);
    using MemoryStream whole = new();
    unzip.CopyTo(whole);
    return whole.ToArray();
}

void Pack(string name, byte[] content)
{
    using MemoryStream packed = new();
    using (GZipStream zip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
    {
        zip.Write(content);
    }
    // No time stamp (bytes 4 to 7) and "unknown" for the system (byte 9): the same content gives the same file.
    byte[] bytes = packed.ToArray();
    bytes.AsSpan(4, 4).Clear();
    bytes[9] = 255;
    File.WriteAllBytes(Path.Combine(target, name), bytes);
    Console.WriteLine($"| {name} | {bytes.Length} | {Hash(bytes)} | {Hash(content)} |");
}

static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
