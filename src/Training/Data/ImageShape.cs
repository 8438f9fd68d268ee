namespace CurvatureActors.Training.Data;

/// <summary>Size of one image.</summary>
/// <param name="Channels">Colour channels: 1 for grey, 3 for red, green, blue.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Pixels of a row.</param>
public sealed record ImageShape(int Channels, int Height, int Width) : ExampleShape
{
    /// <summary>Values of one image: channels x height x width.</summary>
    public int Size => Channels * Height * Width;

    internal long[] Dimensions => [Channels, Height, Width];

    internal override ExampleKind Kind => ExampleKind.Images;
}
