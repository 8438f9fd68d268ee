using CurvatureActors.NativeCure;

// Usage: NativeCure LIBRARY...   Cures each libLibTorchSharp.so where this machine's libstdc++ is too old for it.
if (SystemLibstdcxx.Exports(LibstdcxxVersionCure.WantedVersion) != false)
{
    return 0;
}

foreach (string library in args)
{
    try
    {
        if (LibstdcxxVersionCure.Apply(library) == LibstdcxxVersionCure.Outcome.Cured)
        {
            Console.WriteLine($"{library}: now loads with the libstdc++ of this machine.");
        }
    }
    catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        // The form MSBuild recognises as an error of the build.
        Console.Error.WriteLine($"{library} : error CURE001: {error.Message}");
        return 1;
    }
}

return 0;
