using System.Buffers.Binary;
using System.Text;

namespace CurvatureActors.NativeCure;

/// <summary>
/// Lets libLibTorchSharp.so load beside a libstdc++ older than GCC 13 (Debian 12, Ubuntu 22.04).
/// </summary>
/// <remarks>
/// The library asks for GLIBCXX_3.4.32 because of one symbol, <c>std::ios_base_library_init()</c>: a marker that
/// does nothing once the C++ streams are initialised, and libtorch has initialised them by then. The cure points
/// that undefined symbol at <c>std::get_new_handler()</c>, equally harmless and exported since GLIBCXX_3.4.20, and
/// renames the needed version to that one. Three edits of equal size: two strings in .dynstr and the ELF hash of
/// the version name in .gnu.version_r.
/// </remarks>
public static class LibstdcxxVersionCure
{
    /// <summary>The version that libLibTorchSharp.so needs as published.</summary>
    public const string WantedVersion = "GLIBCXX_3.4.32";

    /// <summary>The version that the cured library needs instead.</summary>
    public const string CuredVersion = "GLIBCXX_3.4.20";

    private const string WantedSymbol = "_ZSt21ios_base_library_initv";
    private const string CuredSymbol = "_ZSt15get_new_handlerv";

    /// <summary>What <see cref="Apply(byte[])"/> found.</summary>
    public enum Outcome
    {
        /// <summary>The three edits were made.</summary>
        Cured,

        /// <summary>The library does not need the new version (already cured, or built with an older compiler).</summary>
        NotNeeded,
    }

    /// <summary>Edits the bytes of a library in place.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those the cure was written for.</exception>
    public static Outcome Apply(byte[] library)
    {
        ArgumentNullException.ThrowIfNull(library);
        if (!library.AsSpan().StartsWith("\u007fELF"u8))
        {
            throw new InvalidDataException("This is not an ELF library.");
        }

        if (FindString(library, WantedVersion) is not { } version)
        {
            return Outcome.NotNeeded;
        }

        int symbol = FindString(library, WantedSymbol)
            ?? throw new InvalidDataException(
                $"The library needs {WantedVersion}, but not for {WantedSymbol} as expected: "
                + "this is another version of TorchSharp; the cure must be looked at again.");
        int hash = FindOnlyHash(library, ElfHash(WantedVersion));

        Write(library, version, CuredVersion, WantedVersion.Length);
        Write(library, symbol, CuredSymbol, WantedSymbol.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(library.AsSpan(hash), ElfHash(CuredVersion));
        return Outcome.Cured;
    }

    /// <summary>
    /// Cures a library file. The file is replaced, never written into: it may be a hard link to the package cache.
    /// Its modification time is kept, so that an incremental build does not copy the original over it again.
    /// </summary>
    public static Outcome Apply(string path)
    {
        byte[] library = File.ReadAllBytes(path);
        Outcome outcome = Apply(library);
        if (outcome == Outcome.Cured)
        {
            DateTime modified = File.GetLastWriteTimeUtc(path);
            string temporary = $"{path}.{Environment.ProcessId}.tmp";
            File.WriteAllBytes(temporary, library);
            File.SetLastWriteTimeUtc(temporary, modified);
            File.Move(temporary, path, overwrite: true);
        }

        return outcome;
    }

    /// <summary>Writes a cured copy of a library file; a plain one where there is nothing to cure.</summary>
    public static void Copy(string from, string to)
    {
        byte[] library = File.ReadAllBytes(from);
        Apply(library);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(to))!);
        string temporary = $"{to}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(temporary, library);
        File.Move(temporary, to, overwrite: true);
    }

    /// <summary>The hash of System V ABI, chapter 5, by which the loader compares version names.</summary>
    public static uint ElfHash(string name)
    {
        uint hash = 0;
        foreach (byte character in Encoding.ASCII.GetBytes(name))
        {
            hash = (hash << 4) + character;
            uint high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }

    /// <summary>Offset of a whole, zero-terminated string, or null.</summary>
    private static int? FindString(ReadOnlySpan<byte> library, string text)
    {
        int offset = library.IndexOf(Encoding.ASCII.GetBytes($"\0{text}\0"));
        return offset < 0 ? null : offset + 1;
    }

    private static int FindOnlyHash(byte[] library, uint hash)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, hash);
        int first = library.AsSpan().IndexOf(bytes);
        if (first < 0 || library.AsSpan(first + 1).IndexOf(bytes) >= 0)
        {
            throw new InvalidDataException(
                $"The hash of {WantedVersion} should stand exactly once in the library; the cure must be looked at again.");
        }

        return first;
    }

    private static void Write(byte[] library, int offset, string text, int length)
    {
        Span<byte> place = library.AsSpan(offset, length);
        place.Clear();
        Encoding.ASCII.GetBytes(text, place);
    }
}
