using CurvatureActors.NativeCure;

// Usage: NativeCure LIBRARY...        Cures each libLibTorchSharp.so where this machine's libstdc++ is too old for it.
//        NativeCure --copy FROM TO    Writes a cured copy, whatever this machine has: it may go to another.
if (args is ["--copy", var from, var to])
{
    return Guarded(from, () => LibstdcxxVersionCure.Copy(from, to));
}

if (SystemLibstdcxx.Exports(LibstdcxxVersionCure.WantedVersion) != false)
{
    return 0;
}

return args.Select(library => Guarded(library, () =>
{
    if (LibstdcxxVersionCure.Apply(library) == LibstdcxxVersionCure.Outcome.Cured)
    {
        Console.WriteLine($"{library}: now loads with the libstdc++ of this machine.");
    }
})).FirstOrDefault(code => code != 0);

static int Guarded(string library, Action cure)
{
    try
    {
        cure();
        return 0;
    }
    catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        // The form MSBuild recognises as an error of the build.
        Console.Error.WriteLine($"{library} : error CURE001: {error.Message}");
        return 1;
    }
}
